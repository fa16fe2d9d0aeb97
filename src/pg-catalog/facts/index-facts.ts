/** An index of a catalog a line: OID, name, OID of the table, numbers of the columns, u or p for unique and primary, name and OID of its constraint. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const INDEX_FACTS = `
112 pg_foreign_data_wrapper_oid_index 2328 1 p pg_foreign_data_wrapper_oid_index 10189
113 pg_foreign_server_oid_index 1417 1 p pg_foreign_server_oid_index 10191
174 pg_user_mapping_oid_index 1418 1 p pg_user_mapping_oid_index 10193
175 pg_user_mapping_user_server_index 1418 2,3 u pg_user_mapping_user_server_index 10194
548 pg_foreign_data_wrapper_name_index 2328 2 u pg_foreign_data_wrapper_name_index 10190
549 pg_foreign_server_name_index 1417 2 u pg_foreign_server_name_index 10192
827 pg_default_acl_role_nsp_obj_index 826 2,3,4 u pg_default_acl_role_nsp_obj_index 10200
828 pg_default_acl_oid_index 826 1 p pg_default_acl_oid_index 10201
1232 pg_shdepend_depender_index 1214 1,2,3,4 -
1233 pg_shdepend_reference_index 1214 5,6 -
2187 pg_inherits_parent_index 2611 2 -
2228 pg_range_rngmultitypid_index 3541 3 u pg_range_rngmultitypid_index 10211
2397 pg_shdescription_o_c_index 2396 1,2 p pg_shdescription_o_c_index 10177
2579 pg_constraint_conparentid_index 2606 11 -
2650 pg_aggregate_fnoid_index 2600 1 p pg_aggregate_fnoid_index 10146
2651 pg_am_name_index 2601 2 u pg_am_name_index 10135
2652 pg_am_oid_index 2601 1 p pg_am_oid_index 10136
2653 pg_amop_fam_strat_index 2602 2,3,4,5 u pg_amop_fam_strat_index 10137
2654 pg_amop_opr_fam_index 2602 7,6,2 u pg_amop_opr_fam_index 10138
2655 pg_amproc_fam_proc_index 2603 2,3,4,5 u pg_amproc_fam_proc_index 10140
2656 pg_attrdef_adrelid_adnum_index 2604 2,3 u pg_attrdef_adrelid_adnum_index 10123
2657 pg_attrdef_oid_index 2604 1 p pg_attrdef_oid_index 10124
2658 pg_attribute_relid_attnam_index 1249 1,2 u pg_attribute_relid_attnam_index 10119
2659 pg_attribute_relid_attnum_index 1249 1,6 p pg_attribute_relid_attnum_index 10120
2660 pg_cast_oid_index 2605 1 p pg_cast_oid_index 10158
2661 pg_cast_source_target_index 2605 2,3 u pg_cast_source_target_index 10159
2662 pg_class_oid_index 1259 1 p pg_class_oid_index 10121
2663 pg_class_relname_nsp_index 1259 2,3 u pg_class_relname_nsp_index 10122
2664 pg_constraint_conname_nsp_index 2606 2,3 -
2665 pg_constraint_conrelid_contypid_conname_index 2606 8,9,2 u pg_constraint_conrelid_contypid_conname_index 10125
2666 pg_constraint_contypid_index 2606 9 -
2667 pg_constraint_oid_index 2606 1 p pg_constraint_oid_index 10126
2668 pg_conversion_default_index 2607 3,5,6,1 u pg_conversion_default_index 10165
2669 pg_conversion_name_nsp_index 2607 2,3 u pg_conversion_name_nsp_index 10166
2670 pg_conversion_oid_index 2607 1 p pg_conversion_oid_index 10167
2671 pg_database_datname_index 1262 2 u pg_database_datname_index 10168
2672 pg_database_oid_index 1262 1 p pg_database_oid_index 10169
2673 pg_depend_depender_index 2608 1,2,3 -
2674 pg_depend_reference_index 2608 4,5,6 -
2675 pg_description_o_c_o_index 2609 1,2,3 p pg_description_o_c_o_index 10157
2676 pg_authid_rolname_index 1260 2 u pg_authid_rolname_index 10173
2677 pg_authid_oid_index 1260 1 p pg_authid_oid_index 10174
2678 pg_index_indrelid_index 2610 2 -
2679 pg_index_indexrelid_index 2610 1 p pg_index_indexrelid_index 10128
2680 pg_inherits_relid_seqno_index 2611 1,3 p pg_inherits_relid_seqno_index 10127
2681 pg_language_name_index 2612 2 u pg_language_name_index 10142
2682 pg_language_oid_index 2612 1 p pg_language_oid_index 10143
2683 pg_largeobject_loid_pn_index 2613 1,2 p pg_largeobject_loid_pn_index 10145
2684 pg_namespace_nspname_index 2615 2 u pg_namespace_nspname_index 10163
2685 pg_namespace_oid_index 2615 1 p pg_namespace_oid_index 10164
2686 pg_opclass_am_name_nsp_index 2616 2,3,4 u pg_opclass_am_name_nsp_index 10133
2687 pg_opclass_oid_index 2616 1 p pg_opclass_oid_index 10134
2688 pg_operator_oid_index 2617 1 p pg_operator_oid_index 10129
2689 pg_operator_oprname_l_r_n_index 2617 2,8,9,3 u pg_operator_oprname_l_r_n_index 10130
2690 pg_proc_oid_index 1255 1 p pg_proc_oid_index 10115
2691 pg_proc_proname_args_nsp_index 1255 2,20,3 u pg_proc_proname_args_nsp_index 10116
2692 pg_rewrite_oid_index 2618 1 p pg_rewrite_oid_index 10151
2693 pg_rewrite_rel_rulename_index 2618 3,2 u pg_rewrite_rel_rulename_index 10152
2694 pg_auth_members_role_member_index 1261 1,2 p pg_auth_members_role_member_index 10175
2695 pg_auth_members_member_role_index 1261 2,1 u pg_auth_members_member_role_index 10176
2696 pg_statistic_relid_att_inh_index 2619 1,2,3 p pg_statistic_relid_att_inh_index 10147
2697 pg_tablespace_oid_index 1213 1 p pg_tablespace_oid_index 10171
2698 pg_tablespace_spcname_index 1213 2 u pg_tablespace_spcname_index 10172
2699 pg_trigger_tgconstraint_index 2620 11 -
2701 pg_trigger_tgrelid_tgname_index 2620 2,4 u pg_trigger_tgrelid_tgname_index 10153
2702 pg_trigger_oid_index 2620 1 p pg_trigger_oid_index 10154
2703 pg_type_oid_index 1247 1 p pg_type_oid_index 10117
2704 pg_type_typname_nsp_index 1247 2,3 u pg_type_typname_nsp_index 10118
2754 pg_opfamily_am_name_nsp_index 2753 2,3,4 u pg_opfamily_am_name_nsp_index 10131
2755 pg_opfamily_oid_index 2753 1 p pg_opfamily_oid_index 10132
2756 pg_amop_oid_index 2602 1 p pg_amop_oid_index 10139
2757 pg_amproc_oid_index 2603 1 p pg_amproc_oid_index 10141
2965 pg_db_role_setting_databaseid_rol_index 2964 1,2 p pg_db_role_setting_databaseid_rol_index 10170
2996 pg_largeobject_metadata_oid_index 2995 1 p pg_largeobject_metadata_oid_index 10144
3080 pg_extension_oid_index 3079 1 p pg_extension_oid_index 10187
3081 pg_extension_name_index 3079 2 u pg_extension_name_index 10188
3085 pg_collation_oid_index 3456 1 p pg_collation_oid_index 10206
3119 pg_foreign_table_relid_index 3118 1 p pg_foreign_table_relid_index 10195
3164 pg_collation_name_enc_nsp_index 3456 2,7,3 u pg_collation_name_enc_nsp_index 10205
3257 pg_policy_oid_index 3256 1 p pg_policy_oid_index 10196
3258 pg_policy_polrelid_polname_index 3256 3,2 u pg_policy_polrelid_polname_index 10197
3351 pg_partitioned_table_partrelid_index 3350 1 p pg_partitioned_table_partrelid_index 10209
3379 pg_statistic_ext_relid_index 3381 2 -
3380 pg_statistic_ext_oid_index 3381 1 p pg_statistic_ext_oid_index 10148
3395 pg_init_privs_o_c_o_index 3394 1,2,3 p pg_init_privs_o_c_o_index 10202
3433 pg_statistic_ext_data_stxoid_inh_index 3429 1,2 p pg_statistic_ext_data_stxoid_inh_index 10150
3455 pg_class_tblspc_relfilenode_index 1259 9,8 -
3467 pg_event_trigger_evtname_index 3466 2 u pg_event_trigger_evtname_index 10155
3468 pg_event_trigger_oid_index 3466 1 p pg_event_trigger_oid_index 10156
3502 pg_enum_oid_index 3501 1 p pg_enum_oid_index 10160
3503 pg_enum_typid_label_index 3501 2,4 u pg_enum_typid_label_index 10161
3534 pg_enum_typid_sortorder_index 3501 2,3 u pg_enum_typid_sortorder_index 10162
3542 pg_range_rngtypid_index 3541 1 p pg_range_rngtypid_index 10210
3574 pg_transform_oid_index 3576 1 p pg_transform_oid_index 10212
3575 pg_transform_type_lang_index 3576 2,3 u pg_transform_type_lang_index 10213
3593 pg_shseclabel_object_index 3592 1,2,3 p pg_shseclabel_object_index 10204
3597 pg_seclabel_object_index 3596 1,2,3,4 p pg_seclabel_object_index 10203
3604 pg_ts_dict_dictname_index 3600 2,3 u pg_ts_dict_dictname_index 10181
3605 pg_ts_dict_oid_index 3600 1 p pg_ts_dict_oid_index 10182
3606 pg_ts_parser_prsname_index 3601 2,3 u pg_ts_parser_prsname_index 10183
3607 pg_ts_parser_oid_index 3601 1 p pg_ts_parser_oid_index 10184
3608 pg_ts_config_cfgname_index 3602 2,3 u pg_ts_config_cfgname_index 10178
3609 pg_ts_config_map_index 3603 1,2,3 p pg_ts_config_map_index 10180
3712 pg_ts_config_oid_index 3602 1 p pg_ts_config_oid_index 10179
3766 pg_ts_template_tmplname_index 3764 2,3 u pg_ts_template_tmplname_index 10185
3767 pg_ts_template_oid_index 3764 1 p pg_ts_template_oid_index 10186
3997 pg_statistic_ext_name_index 3381 3,4 u pg_statistic_ext_name_index 10149
5002 pg_sequence_seqrelid_index 2224 1 p pg_sequence_seqrelid_index 10214
6001 pg_replication_origin_roiident_index 6000 1 p pg_replication_origin_roiident_index 10198
6002 pg_replication_origin_roname_index 6000 2 u pg_replication_origin_roname_index 10199
6110 pg_publication_oid_index 6104 1 p pg_publication_oid_index 10215
6111 pg_publication_pubname_index 6104 2 u pg_publication_pubname_index 10216
6112 pg_publication_rel_oid_index 6106 1 p pg_publication_rel_oid_index 10219
6113 pg_publication_rel_prrelid_prpubid_index 6106 3,2 u pg_publication_rel_prrelid_prpubid_index 10220
6114 pg_subscription_oid_index 6100 1 p pg_subscription_oid_index 10221
6115 pg_subscription_subname_index 6100 2,4 u pg_subscription_subname_index 10222
6116 pg_publication_rel_prpubid_index 6106 2 -
6117 pg_subscription_rel_srrelid_srsubid_index 6102 2,1 p pg_subscription_rel_srrelid_srsubid_index 10223
6238 pg_publication_namespace_oid_index 6237 1 p pg_publication_namespace_oid_index 10217
6239 pg_publication_namespace_pnnspid_pnpubid_index 6237 3,2 u pg_publication_namespace_pnnspid_pnpubid_index 10218
6246 pg_parameter_acl_parname_index 6243 2 u pg_parameter_acl_parname_index 10207
6247 pg_parameter_acl_oid_index 6243 1 p pg_parameter_acl_oid_index 10208
`;

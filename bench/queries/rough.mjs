/** A query of ours and PostgreSQL over the hostile tables, which are wide ones for both. */
export function overRough({ id, sql, reference }) {
  const { tidewire, postgres } = sql;
  return { id, sql: { tidewire: onRough(tidewire), postgres: onRough(reference ?? postgres) } };
}

function onRough(text) {
  return text.replace(/\b(FROM|JOIN) (trips|cpu)(_full)?\b/g, '$1 rough_$2');
}

import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const { DataTypes, Op, QueryTypes, Sequelize, Transaction } = (await load('sequelize')).default;
version(`${versionOf('sequelize')} with pg ${versionOf('pg')}`);
const sequelize = new Sequelize(DATABASE_URL, { logging: false, dialect: 'postgres' });

const User = sequelize.define(
  'User',
  {
    email: { type: DataTypes.STRING(120), allowNull: false, unique: true },
    role: { type: DataTypes.STRING(10), defaultValue: 'reader' },
    profile: DataTypes.JSONB,
    labels: DataTypes.ARRAY(DataTypes.TEXT),
    credit: { type: DataTypes.DECIMAL(12, 2), defaultValue: 0 },
    token: { type: DataTypes.UUID, defaultValue: '6ecd8c99-4036-403d-bf84-cf8400f67836' },
    born: DataTypes.DATEONLY,
    active: { type: DataTypes.BOOLEAN, comment: 'still here' },
  },
  { tableName: 'users', indexes: [{ name: 'users_role', fields: ['role', { name: 'born', order: 'DESC' }] }] },
);
const Post = sequelize.define(
  'Post',
  { body: DataTypes.TEXT, weight: DataTypes.DOUBLE, big: DataTypes.BIGINT, raw: DataTypes.BLOB },
  { tableName: 'posts', paranoid: true, timestamps: true },
);
User.hasMany(Post, { foreignKey: { name: 'authorId', allowNull: false }, onDelete: 'CASCADE', as: 'posts' });
Post.belongsTo(User, { foreignKey: 'authorId', as: 'author' });

const shown = async (table) => {
  const columns = await sequelize.getQueryInterface().describeTable(table);
  return Object.fromEntries(Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1)));
};

await check('it connects', () => sequelize.authenticate());
await check('sync makes the tables', async () => {
  await sequelize.sync();
  return [await shown('users'), await shown('posts')];
});
await check('sync with alter changes nothing that is there', async () => {
  await sequelize.sync({ alter: true });
  await sequelize.sync({ alter: true });
  return [await shown('users'), await shown('posts')];
});
await check('indexes and foreign keys', async () => {
  const face = sequelize.getQueryInterface();
  const indexes = await face.showIndex('users');
  const keys = await face.getForeignKeyReferencesForTable('posts');
  return [
    indexes
      .filter(({ name }) => !/users_email_key\d/.test(name))
      .map(({ name, unique, primary, fields }) => [name, unique, primary, fields]),
    keys.map(({ columnName, referencedTableName, referencedColumnName }) => [
      columnName,
      referencedTableName,
      referencedColumnName,
    ]),
    (await face.showAllTables()).filter((table) => ['users', 'posts'].includes(table)).sort(),
  ];
});
await check('rows come and go', async () => {
  const ada = await User.create({
    email: 'a@x',
    profile: { n: 1, deep: { k: 'v' } },
    labels: ['p', 'q'],
    born: '1815-12-10',
    active: true,
  });
  const more = await User.bulkCreate([{ email: 'b@x', role: 'writer', credit: '12.50' }, { email: 'c@x' }], {
    returning: ['id', 'email'],
  });
  await ada.createPost({ body: 'one', weight: 0.5, big: '9007199254740993', raw: Buffer.from([1, 2]) });
  await ada.createPost({ body: 'two' });
  const [updated] = await User.update({ credit: 3 }, { where: { email: { [Op.like]: 'a%' } } });
  const removed = await User.destroy({ where: { email: 'c@x' } });
  await Post.destroy({ where: { body: 'two' } });
  return [
    more.map(({ id, email }) => [id, email]),
    updated,
    removed,
    await Post.count(),
    await Post.count({ paranoid: false }),
  ];
});
await check('queries', async () => {
  const attributes = ['id', 'email', 'role', 'profile', 'labels', 'credit', 'token', 'born', 'active'];
  const all = await User.findAll({
    attributes,
    include: { model: Post, as: 'posts', attributes: ['body', 'weight', 'big', 'raw'] },
    order: ['id', [{ model: Post, as: 'posts' }, 'id', 'ASC']],
  });
  return [
    all.map((user) => user.get({ plain: true })),
    await User.findAndCountAll({
      where: { [Op.or]: [{ role: 'writer' }, { 'profile.deep.k': 'v' }] },
      limit: 1,
      order: ['id'],
      attributes: ['email'],
    }).then(({ count, rows }) => [count, rows[0].email]),
    await User.findAll({ where: { labels: { [Op.contains]: ['p'] } }, attributes: ['id'], raw: true }),
    await User.sum('credit'),
    await Post.findAll({
      attributes: ['authorId', [sequelize.fn('COUNT', sequelize.col('id')), 'n']],
      group: ['authorId'],
      raw: true,
    }),
    await sequelize.query('SELECT :a::int + $1 AS n'.replace('$1', '1'), {
      replacements: { a: 41 },
      type: QueryTypes.SELECT,
    }),
    await sequelize.query('SELECT $1::text AS t', { bind: ['bound'], type: QueryTypes.SELECT }),
  ];
});
await check('an upsert', async () => {
  const [row, made] = await User.upsert({ email: 'a@x', credit: 77 }, { conflictFields: ['email'] });
  const [found, isNew] = await User.findCreateFind({ where: { email: 'd@x' }, defaults: { role: 'writer' } });
  const [, isNewAgain] = await User.findCreateFind({ where: { email: 'd@x' } });
  return [row.credit, made, found.role, isNew, isNewAgain];
});
await check('findOrCreate', async () => {
  const [found, isNew] = await User.findOrCreate({ where: { email: 'e@x' }, defaults: { role: 'writer' } });
  return [found.role, isNew];
});
await check('transactions', async () => {
  const failed = await thrown(() =>
    sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, async (transaction) => {
      await User.create({ email: 'gone@x' }, { transaction });
      await User.create({ email: 'a@x' }, { transaction });
    }),
  );
  const locked = await sequelize.transaction(async (transaction) => {
    const user = await User.findOne({
      where: { email: 'a@x' },
      lock: transaction.LOCK.UPDATE,
      skipLocked: true,
      transaction,
    });
    await user.increment('credit', { by: 1, transaction });
    return (await user.reload({ transaction })).credit;
  });
  return [failed, locked, await User.count({ where: { email: 'gone@x' } })];
});
await check('tables are altered', async () => {
  const face = sequelize.getQueryInterface();
  await face.addColumn('posts', 'likes', { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 });
  await face.renameColumn('posts', 'body', 'content');
  await face.changeColumn('posts', 'content', { type: DataTypes.STRING(500), allowNull: false, defaultValue: '' });
  await face.addIndex('posts', ['likes'], { name: 'posts_likes', where: { likes: { [Op.gt]: 0 } } });
  await face.addConstraint('posts', {
    fields: ['likes'],
    type: 'check',
    name: 'posts_likes_check',
    where: { likes: { [Op.gte]: 0 } },
  });
  const altered = await shown('posts');
  await face.removeConstraint('posts', 'posts_likes_check');
  await face.removeIndex('posts', 'posts_likes');
  await face.removeColumn('posts', 'likes');
  return altered;
});
await check('an enum, which grows', async () => {
  const Ticket = sequelize.define(
    'Ticket',
    { state: DataTypes.ENUM('open', 'done') },
    { tableName: 'tickets', timestamps: false },
  );
  await Ticket.sync();
  Ticket.rawAttributes.state.type = DataTypes.ENUM('open', 'done', 'lost');
  Ticket.refreshAttributes();
  await Ticket.sync({ alter: true });
  const { state } = await Ticket.create({ state: 'lost' });
  await sequelize.query('DROP TABLE tickets');
  return state;
});
await check('everything away', async () => {
  await Post.drop();
  await User.drop();
  return await sequelize.getQueryInterface().tableExists('users');
});
await sequelize.close();

// Keeps the ledger of a crash test in a process of its own: neither the server that is killed nor the test that kills it
// can lose or invent an acknowledgement. Messages: ['begin', key], ['acknowledge', key], and ['read'], which is answered
// with { attempted, acknowledged }.

const attempted = new Set();
const acknowledged = new Set();

process.on('message', ([what, key]) => {
  if (what === 'begin') attempted.add(key);
  else if (what === 'acknowledge') {
    if (!attempted.has(key)) throw new Error(`"${key}" was acknowledged before it began`);
    acknowledged.add(key);
  } else process.send({ attempted: [...attempted], acknowledged: [...acknowledged] });
});
process.on('disconnect', () => process.exit(0));

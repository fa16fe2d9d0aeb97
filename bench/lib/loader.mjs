/** Brings data sets into peers, each once; a set whose tables are in the way is dropped first. */
export class Loader {
  #peers;
  /** Per peer's name: the data sets it holds, by name, with the seconds it took to load them. */
  #loaded;

  constructor(peers) {
    this.#peers = peers;
    this.#loaded = new Map(peers.map(({ name }) => [name, new Map()]));
  }

  /** The seconds that each peer has taken, by its name. */
  async load(dataset, peers = this.#peers) {
    const seconds = {};
    for (const peer of peers) {
      const held = this.#loaded.get(peer.name);
      if (!held.has(dataset.name)) {
        await makeRoom(peer, dataset, held);
        process.stdout.write(`loading ${dataset.name} into ${peer.title} …`);
        const { seconds: taken } = await peer.load(dataset);
        console.log(` ${taken.toFixed(1)} s`);
        held.set(dataset.name, { dataset, seconds: taken });
      }
      seconds[peer.name] = held.get(dataset.name).seconds;
    }
    return seconds;
  }
}

async function makeRoom(peer, dataset, held) {
  const names = new Set(dataset.tables.map(({ name }) => name));
  for (const [name, { dataset: other }] of held) {
    if (!other.tables.some((table) => names.has(table.name))) continue;
    await peer.drop(other);
    held.delete(name);
  }
}

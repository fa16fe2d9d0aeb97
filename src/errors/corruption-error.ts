/** Bytes on disk that fail their checksum or contradict their format. Names the file and the place. */
export class CorruptionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CorruptionError';
  }
}

import { setFlagsFromString } from 'node:v8';

/*
 * A server's code is called seldom at first and then for months, and most queries are over before V8 finds that it was
 * worth compiling: a function gets machine code when it is first called, and the optimizing compiler after a third of
 * the usual work. The first dozen queries of a shape take a third to a half of the time; the start takes no longer.
 * Imported before anything else, for what has been called before keeps the way it was compiled.
 */
setFlagsFromString('--always-sparkplug');
setFlagsFromString('--interrupt-budget=40000');

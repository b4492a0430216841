export * from './protocol/wire.js';

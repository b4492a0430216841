export type HookPhase = 'drain' | 'close' | 'flush';

export type StateName = 'starting' | 'ready' | 'lame-duck' | 'draining' | 'closing' | 'stopped';

/**
 * Tells systemd how a service fares (sd_notify(3)).
 *
 * @packageDocumentation
 */
export { Notifier, type NotifierOptions } from './systemd/notifier.js';
export { notifySystemd, type SupervisorNotices } from './systemd/supervisor-notices.js';

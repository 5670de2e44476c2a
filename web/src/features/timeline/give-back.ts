import { drop, type Outgoing } from '@/api/outbox';

const name = 'okno:give-back';

/** Puts a message that was not taken back into the composer it came from. */
export function giveBack(out: Outgoing): void {
  drop(out.client_id);
  window.dispatchEvent(new CustomEvent<Outgoing>(name, { detail: out }));
}

export function onGiveBack(handler: (out: Outgoing) => void): () => void {
  const listener = (e: Event) => handler((e as CustomEvent<Outgoing>).detail);
  window.addEventListener(name, listener);
  return () => window.removeEventListener(name, listener);
}

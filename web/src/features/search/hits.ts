import type { SearchHit } from '@/api/types';

export type HitKind = SearchHit['kind'];

/** In the order one looks: whom, then what was said, then notes and files. */
export const kinds: HitKind[] = ['contact', 'message', 'note', 'file'];

export interface HitGroup {
  kind: HitKind;
  hits: SearchHit[];
}

export function groupHits(hits: SearchHit[]): HitGroup[] {
  return kinds
    .map((kind) => ({ kind, hits: hits.filter((h) => h.kind === kind) }))
    .filter((group) => group.hits.length > 0);
}

export type HitTarget =
  | { to: '/contacts/$contactId'; params: { contactId: string } }
  | { to: '/c/$conversationId'; params: { conversationId: string }; search: { item?: string } };

/** Where a hit leads: to the very item, or to the contact. */
export function hitTarget(hit: SearchHit): HitTarget {
  const conversationId = hit.item?.conversation_id ?? hit.conversation?.id;
  if (hit.kind === 'contact' || !conversationId)
    return { to: '/contacts/$contactId', params: { contactId: hit.contact.id } };
  return { to: '/c/$conversationId', params: { conversationId }, search: { item: hit.item?.id } };
}

export function hitKey(hit: SearchHit, index: number): string {
  return `${hit.kind}-${hit.item?.id ?? hit.contact.id}-${index}`;
}

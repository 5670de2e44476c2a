import { describe, expect, it } from 'vitest';
import type { SearchHit } from '@/api/types';
import { groupHits, hitTarget } from './hits';

const hit = (part: object): SearchHit =>
  ({
    kind: 'message',
    contact: { id: 'c1', name: 'Мария', color: 1 },
    snippet: [],
    at: '',
    ...part,
  }) as SearchHit;

describe('hits', () => {
  it('are grouped by kind and keep their order within it', () => {
    const a = hit({ at: '2' });
    const b = hit({ at: '1' });
    const groups = groupHits([a, hit({ kind: 'contact' }), b]);
    expect(groups.map((g) => g.kind)).toEqual(['contact', 'message']);
    expect(groups[1]?.hits).toEqual([a, b]);
  });

  it('lead to the item, or to the contact', () => {
    expect(hitTarget(hit({ item: { id: 'i', conversation_id: 'k' } }))).toEqual({
      to: '/c/$conversationId',
      params: { conversationId: 'k' },
      search: { item: 'i' },
    });
    expect(hitTarget(hit({ kind: 'contact' }))).toMatchObject({ params: { contactId: 'c1' } });
    expect(hitTarget(hit({}))).toMatchObject({ to: '/contacts/$contactId' });
  });
});

import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { api } from '@/api/client';
import { ApiError } from '@/api/error';
import { keys } from '@/api/keys';
import type { FileInfo, ID } from '@/api/types';

/**
 * The files of a draft that comes back: a draft holds their ids alone. Until a file is told of, or while it cannot be,
 * its id stays with the draft; one that is gone leaves it.
 */
export function useDraftFiles(restore: (files: FileInfo[]) => void) {
  const client = useQueryClient();
  const [missing, setMissing] = useState<readonly ID[]>([]);
  const wanted = useRef(new Set<ID>());

  const bring = useCallback(
    async (ids: ID[]) => {
      if (!ids.length) return;
      wanted.current = new Set(ids);
      setMissing(ids);
      const gone = new Set<ID>();
      const found = await Promise.all(
        ids.map((id) =>
          client
            .fetchQuery({
              queryKey: keys.file(id),
              queryFn: ({ signal }) => api.get<FileInfo>(`/files/${id}`, undefined, { signal }),
            })
            .catch((error: unknown) => {
              if (error instanceof ApiError && error.kind === 'not_found') gone.add(id);
              return undefined;
            }),
        ),
      );
      const there = found.filter((f) => f !== undefined).filter((f) => wanted.current.has(f.id));
      restore(there);
      setMissing((old) => old.filter((id) => !gone.has(id) && !there.some((f) => f.id === id)));
    },
    [client, restore],
  );
  /** Nothing is awaited any more: the draft was sent or emptied. */
  const forget = useCallback(() => {
    wanted.current.clear();
    setMissing([]);
  }, []);
  return { missing, bring, forget };
}

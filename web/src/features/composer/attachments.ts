import { useCallback, useEffect, useRef, useState } from 'react';
import { newKey } from '@/api/client';
import { ApiError } from '@/api/error';
import type { AttachmentKind, Capabilities, FileInfo } from '@/api/types';
import { type Upload, uploadFile } from '@/api/upload';

export interface Attachment {
  key: string;
  name: string;
  size: number;
  kind: AttachmentKind;
  progress: number;
  preview?: string;
  info?: FileInfo;
  error?: ApiError;
}

export function kindOf(mime: string): AttachmentKind {
  if (mime === 'image/gif') return 'animation';
  if (mime.startsWith('image/') && mime !== 'image/svg+xml') return 'image';
  if (mime.startsWith('video/')) return 'video';
  if (mime.startsWith('audio/')) return 'audio';
  return 'document';
}

/** Gives a local file's address back, a little later: the page may still be reading it. */
export function letGo(preview: string): void {
  setTimeout(() => URL.revokeObjectURL(preview), 10_000);
}

export type Obstacle = { code: 'kind' } | { code: 'size'; max: number };

/** Why a channel will not take a file, told before anything is sent. A picture it does not know goes as a document. */
export function obstacle(
  a: Pick<Attachment, 'kind' | 'size'>,
  can: Capabilities | undefined,
): Obstacle | undefined {
  if (!can) return undefined;
  const limit = can.attachments[a.kind] ?? can.attachments.document;
  if (!limit) return { code: 'kind' };
  if (a.size > limit.max_bytes) {
    const asDocument = can.attachments.document;
    if (asDocument && a.size <= asDocument.max_bytes) return undefined;
    return { code: 'size', max: Math.max(limit.max_bytes, asDocument?.max_bytes ?? 0) };
  }
  return undefined;
}

/** Files on their way to our server, each with its progress. */
export function useAttachments(initial: FileInfo[] = []) {
  const [list, setList] = useState<Attachment[]>(() => initial.map(fromInfo));
  const listRef = useRef(list);
  listRef.current = list;
  const uploads = useRef(new Map<string, { upload?: Upload; file: File }>());
  const patch = useCallback(
    (key: string, part: Partial<Attachment>) =>
      setList((l) => l.map((a) => (a.key === key ? { ...a, ...part } : a))),
    [],
  );

  const run = useCallback(
    (key: string, file: File) => {
      const upload = uploadFile(file, (progress) => patch(key, { progress }));
      uploads.current.set(key, { upload, file });
      upload.done.then(
        (info) => patch(key, { info, progress: 1, error: undefined }),
        (error) => patch(key, { error: error instanceof ApiError ? error : new ApiError(0, 'internal') }),
      );
    },
    [patch],
  );

  const add = useCallback(
    (files: Iterable<File>, can: Capabilities | undefined) => {
      for (const file of files) {
        const key = newKey();
        const kind = kindOf(file.type);
        const a: Attachment = {
          key,
          name: file.name || 'file',
          size: file.size,
          kind,
          progress: 0,
          preview: kind === 'image' ? URL.createObjectURL(file) : undefined,
        };
        setList((l) => [...l, a]);
        uploads.current.set(key, { file });
        if (!obstacle(a, can)) run(key, file);
      }
    },
    [run],
  );

  const remove = useCallback((key: string) => {
    uploads.current.get(key)?.upload?.abort();
    uploads.current.delete(key);
    setList((l) => {
      const gone = l.find((a) => a.key === key);
      if (gone?.preview) letGo(gone.preview);
      return l.filter((a) => a.key !== key);
    });
  }, []);

  const retry = useCallback(
    (key: string) => {
      const known = uploads.current.get(key);
      if (!known) return;
      patch(key, { error: undefined, progress: 0 });
      run(key, known.file);
    },
    [patch, run],
  );

  /** What was held back for one channel may go to another. */
  const recheck = useCallback(
    (can: Capabilities | undefined) => {
      for (const a of listRef.current) {
        const known = uploads.current.get(a.key);
        if (known && !known.upload && !a.info && !obstacle(a, can)) run(a.key, known.file);
      }
    },
    [run],
  );

  const clear = useCallback(() => {
    setList((l) => {
      for (const a of l) if (a.preview) letGo(a.preview);
      return [];
    });
    uploads.current.clear();
  }, []);

  /** Files that are on the server already join those that are there. */
  const restore = useCallback(
    (infos: FileInfo[]) =>
      setList((l) => [...l, ...infos.filter((i) => !l.some((a) => a.info?.id === i.id)).map(fromInfo)]),
    [],
  );

  useEffect(() => {
    const running = uploads.current;
    return () => {
      for (const { upload } of running.values()) upload?.abort();
    };
  }, []);

  return { list, add, remove, retry, recheck, clear, restore };
}

function fromInfo(info: FileInfo): Attachment {
  return {
    key: info.id,
    name: info.name,
    size: info.size,
    kind: info.kind,
    progress: 1,
    info,
    preview: info.kind === 'image' ? info.thumb_url : undefined,
  };
}

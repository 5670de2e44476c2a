import type { Rolldown } from 'vite';

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

/** The chunk that a source file begins, e.g. "features/conversations/Workspace.tsx". */
export function chunkOf(bundle: Bundle, source: string): Chunk {
  for (const file of Object.values(bundle))
    if (file.type === 'chunk' && Object.keys(file.modules).some((m) => m.endsWith(`/src/${source}`)))
      return file;
  throw new Error(`no chunk has ${source}`);
}

/** These chunks and all that they import, each once. */
export function withImports(bundle: Bundle, chunks: Chunk[]): Chunk[] {
  const seen = new Set<Chunk>();
  const visit = (chunk: Chunk) => {
    if (seen.has(chunk)) return;
    seen.add(chunk);
    for (const name of chunk.imports) {
      const next = bundle[name];
      if (next?.type === 'chunk') visit(next);
    }
  };
  for (const chunk of chunks) visit(chunk);
  return [...seen];
}

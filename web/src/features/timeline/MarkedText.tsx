import { Fragment, memo, type ReactNode, useState } from 'react';
import type { Mark } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './MarkedText.module.css';
import { type Block, blocks, linkify, onlyEmoji, type Run, safeUrl } from './marks';

/** A message's text with its formatting, as elements: nothing of a stranger's is ever taken for HTML. */
export const MarkedText = memo(function MarkedText({ text, marks }: { text: string; marks?: Mark[] }) {
  if (!marks?.length && onlyEmoji(text)) return <span className={classes.large}>{text}</span>;
  return (
    <span className={classes.text} dir="auto">
      {blocks(text, marks).map((b, i) => (
        <BlockView key={i} block={b} />
      ))}
    </span>
  );
});

function BlockView({ block }: { block: Block }) {
  const inside = block.runs.map((r, i) => <RunView key={i} run={r} />);
  if (block.kind === 'pre') return <code className={classes.pre}>{inside}</code>;
  if (block.kind === 'quote') return <span className={classes.quote}>{inside}</span>;
  return <>{inside}</>;
}

function RunView({ run }: { run: Run }) {
  const linked = run.marks.some((m) => m.type === 'link' || m.type === 'code');
  let node: ReactNode = linked ? run.text : <Linked text={run.text} />;
  for (const mark of run.marks) node = wrap(mark, run.text, node);
  return <>{node}</>;
}

function Linked({ text }: { text: string }) {
  return (
    <>
      {linkify(text).map((p, i) =>
        p.url ? <Out key={i} url={p.url} text={p.text} /> : <Fragment key={i}>{p.text}</Fragment>,
      )}
    </>
  );
}

function Out({ url, text }: { url: string; text: ReactNode }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" className={classes.link} title={url}>
      {text}
    </a>
  );
}

function wrap(mark: Mark, text: string, node: ReactNode): ReactNode {
  switch (mark.type) {
    case 'bold':
      return <strong>{node}</strong>;
    case 'italic':
      return <em>{node}</em>;
    case 'underline':
      return <u>{node}</u>;
    case 'strike':
      return <s>{node}</s>;
    case 'code':
      return <code className={classes.code}>{node}</code>;
    case 'mention':
      return <span className={classes.mention}>{node}</span>;
    case 'spoiler':
      return <Spoiler>{node}</Spoiler>;
    case 'link': {
      const url = safeUrl(mark.url ?? text);
      return url ? <Out url={url} text={node} /> : node;
    }
    default:
      return node;
  }
}

function Spoiler({ children }: { children: ReactNode }) {
  const { t } = useTranslation('timeline');
  const [shown, setShown] = useState(false);
  if (shown) return <span>{children}</span>;
  return (
    <button
      type="button"
      className={classes.spoiler}
      aria-label={t('spoiler')}
      onClick={() => setShown(true)}
    >
      <span aria-hidden>{children}</span>
    </button>
  );
}

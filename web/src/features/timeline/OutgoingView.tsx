import { IconAlertCircle, IconClock, IconFile } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { errorText } from '@/api/error';
import { drop, type Outgoing, resend } from '@/api/outbox';
import { useTranslation } from '@/i18n/useTranslation';
import { clock } from '@/ui';
import { giveBack } from './give-back';
import classes from './Item.module.css';
import { MarkedText } from './MarkedText';

/** What the agent has just sent, before our own server has taken it. */
export function OutgoingView({ out, first }: { out: Outgoing; first: boolean }) {
  const { t, i18n } = useTranslation(['timeline', 'common']);
  const client = useQueryClient();
  const side = out.note ? 'note' : 'out';
  const failed = out.state === 'failed';
  return (
    <div className={classes.line} data-side={side} data-first={first || undefined}>
      <div className={classes.bubble} data-side={side} data-first data-last>
        {out.reply_to && (
          <div className={classes.quote}>
            {out.reply_to.author && <b>{out.reply_to.author}</b>}
            <span>{out.reply_to.text}</span>
          </div>
        )}
        {out.files.map((f) => (
          <div key={f.id} className={classes.gone}>
            <IconFile size={15} aria-hidden /> {f.kind === 'voice' ? t('common:files.voice') : f.name}
          </div>
        ))}
        {out.content.text && <MarkedText text={out.content.text} marks={out.content.marks} />}
        {out.content.template && !out.content.text && (
          <MarkedText text={out.content.template.body ?? out.content.template.name} />
        )}
        <span className={classes.meta}>
          {clock(out.at, i18n.language)}
          {failed ? (
            <IconAlertCircle size={15} className={classes.bad} aria-label={t('state.failed')} />
          ) : (
            <IconClock size={13} aria-label={t('state.sending')} />
          )}
        </span>
        {out.state === 'waiting' && <div className={classes.state}>{t('outgoing.waiting')}</div>}
        {failed && (
          <div className={classes.state} data-kind="bad" role="alert">
            <span>{t('outgoing.failed', { why: errorText(t, out.error) })}</span>
            <button type="button" onClick={() => resend(client, out.client_id)}>
              {t('common:action.retry')}
            </button>
            <button type="button" onClick={() => giveBack(out)}>
              {t('outgoing.edit')}
            </button>
            <button type="button" onClick={() => drop(out.client_id)}>
              {t('common:action.delete')}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

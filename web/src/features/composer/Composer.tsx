import { type DragEvent, lazy, Suspense, useState } from 'react';
import { useCan } from '@/api/reference';
import type { Conversation } from '@/api/types';
import type { Aim } from '@/features/conversations/ConversationPane';
import { useTranslation } from '@/i18n/useTranslation';
import { AimLine, Collision } from './Above';
import { ChannelPicker } from './ChannelPicker';
import classes from './Composer.module.css';
import { useComposer } from './useComposer';
import { Writing } from './Writing';

const Recorder = lazy(() => import('./Recorder').then((m) => ({ default: m.Recorder })));
const TemplateForm = lazy(() => import('./TemplateForm').then((m) => ({ default: m.TemplateForm })));

interface Props {
  conversation: Conversation;
  aim?: Aim;
  onAim: (aim?: Aim) => void;
}

export function Composer({ conversation: c, aim, onAim }: Props) {
  const { t } = useTranslation(['composer', 'common']);
  const s = useComposer(c, aim, onAim);
  const may = useCan('conversation.reply');
  const [recording, setRecording] = useState(false);
  const [over, setOver] = useState(false);
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    if (e.dataTransfer.files.length) s.files.add(e.dataTransfer.files, s.note ? undefined : s.can);
  };
  if (!may) return <div className={classes.shut}>{t('no_permission')}</div>;
  if (c.contact.blocked) return <div className={classes.shut}>{t('blocked')}</div>;
  return (
    <section
      className={classes.composer}
      aria-label={t('label')}
      data-note={s.note || undefined}
      data-over={over || undefined}
      onDragOver={(e) => {
        if (!e.dataTransfer.types.includes('Files')) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={(e) => !e.currentTarget.contains(e.relatedTarget as Node) && setOver(false)}
      onDrop={drop}
    >
      {over && <div className={classes.drop}>{t('drop')}</div>}
      <Collision id={c.id} />
      <ChannelPicker
        targets={s.targets.data ?? []}
        chosen={s.target}
        note={s.note}
        onChoose={(x) => {
          s.setNote(false);
          s.setTarget(x);
        }}
        onNote={s.setNote}
      />
      <AimLine s={s} onAim={onAim} />
      {recording && !s.note ? (
        <Suspense fallback={null}>
          <Recorder
            onSend={(file) => {
              s.sendVoice(file);
              setRecording(false);
            }}
            onClose={() => setRecording(false)}
            onActive={s.recording}
          />
        </Suspense>
      ) : s.onlyTemplate && s.target ? (
        <Suspense fallback={null}>
          <TemplateForm channel={s.target.channel_id} onSend={s.sendTemplate} />
        </Suspense>
      ) : (
        <Writing c={c} s={s} onAim={onAim} onRecord={() => setRecording(true)} />
      )}
    </section>
  );
}

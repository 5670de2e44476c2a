import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Me } from '@/api/types';
import { AuthLayout, authCss as css, enter } from '@/features/auth';
import { browserZone, KindChoice, kindsQuery } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { ErrorState, SkeletonRows } from '@/ui';
import { AdminStep } from './AdminStep';
import { CompanyStep } from './CompanyStep';
import { guessCountry } from './guess';

export interface SetupValues {
  workspace_name: string;
  locale: 'ru' | 'en';
  country: string;
  timezone: string;
  name: string;
  email: string;
}

/** The first run: the company, the administrator, and a calm word about the first channel. */
export function SetupPage() {
  const { t, i18n } = useTranslation('setup');
  const client = useQueryClient();
  const [step, setStep] = useState(0);
  const [values, setValues] = useState<SetupValues>(() => ({
    workspace_name: '',
    locale: i18n.language === 'ru' ? 'ru' : 'en',
    timezone: browserZone(),
    country: guessCountry(browserZone(), navigator.languages),
    name: '',
    email: '',
  }));
  const state = useQuery({
    queryKey: keys.setup,
    queryFn: ({ signal }) => api.get<{ needed: boolean }>('/setup', undefined, { signal }),
    staleTime: 0,
    enabled: step < 2,
  });
  if (step < 2 && state.isPending) {
    return (
      <AuthLayout title={t('title')}>
        <SkeletonRows rows={3} avatar={false} />
      </AuthLayout>
    );
  }
  if (step < 2 && state.isError && !state.data) {
    return (
      <AuthLayout title={t('title')}>
        <ErrorState error={state.error} onRetry={() => void state.refetch()} />
      </AuthLayout>
    );
  }
  if (step < 2 && state.data && !state.data.needed) return <Navigate to="/login" replace />;
  const merge = (part: Partial<SetupValues>) => setValues((old) => ({ ...old, ...part }));
  if (step === 0) {
    return (
      <Step step={1} title={t('company.title')} lead={t('company.lead')}>
        <CompanyStep
          values={values}
          onDone={(part) => {
            merge(part);
            setStep(1);
          }}
        />
      </Step>
    );
  }
  if (step === 1) {
    return (
      <Step step={2} title={t('admin.title')} lead={t('admin.lead')}>
        <AdminStep
          values={values}
          onBack={(part) => {
            merge(part);
            setStep(0);
          }}
          onDone={async (me: Me) => {
            setStep(2);
            await enter(client, me);
          }}
        />
      </Step>
    );
  }
  return (
    <Step step={3} title={t('channel.title')} lead={t('channel.lead')} wide>
      <FirstChannel />
    </Step>
  );
}

interface StepProps {
  step: number;
  title: string;
  lead: string;
  wide?: boolean;
  children: React.ReactNode;
}

function Step({ step, title, lead, wide, children }: StepProps) {
  const { t } = useTranslation('setup');
  return (
    <AuthLayout title={title} lead={lead} wide={wide}>
      <div className={css.progress} role="img" aria-label={t('progress', { step, total: 3 })}>
        {[1, 2, 3].map((n) => (
          <i key={n} data-done={n <= step || undefined} />
        ))}
      </div>
      {children}
    </AuthLayout>
  );
}

function FirstChannel() {
  const { t } = useTranslation('setup');
  const navigate = useNavigate();
  const kinds = useQuery(kindsQuery);
  return (
    <div className={css.form}>
      {kinds.isPending && <SkeletonRows rows={3} />}
      {kinds.isError && <ErrorState error={kinds.error} onRetry={() => void kinds.refetch()} />}
      {kinds.data && <KindChoice kinds={kinds.data.map((k) => k.kind)} />}
      <div>
        <Button variant="default" onClick={() => navigate({ to: '/' })}>
          {t('channel.later')}
        </Button>
      </div>
    </div>
  );
}

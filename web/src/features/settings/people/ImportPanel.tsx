import { Button, FileButton, Table, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useTeams } from '@/api/reference';
import type { Invite, Role } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Badge, Card, CopyField, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { rolesQuery } from '../queries';
import { roleName } from '../roles/names';
import { type PersonRow, readPeople, writePeople } from './csv';

interface Answer {
  created: number;
  invites?: { email: string; invite?: Invite }[];
  errors: { line: number; code: string }[];
}

interface Result extends Answer {
  errors: { line: number; code: string; row?: PersonRow }[];
}

/** People from a table: what is wrong is told line by line before and after sending. */
export function ImportPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings');
  const [text, setText] = useState('');
  const roles = useQuery(rolesQuery);
  const teams = useTeams();
  const rows = useMemo(() => {
    const names = (roles.data ?? []).flatMap((r) => [r.name, roleName(t, r), r.key ?? '']);
    return readPeople(text, { roles: names.filter(Boolean), teams: teams.all.map((x) => x.name) });
  }, [text, roles.data, teams.all, t]);
  const good = rows.filter((r) => r.problems.length === 0);
  const send = useSave({
    stale: [keys.users, keys.roles, keys.teams],
    save: async () => {
      const sent = good.map((row) => ({
        ...row,
        role: canonicalRole(row.role, roles.data ?? [], (r) => roleName(t, r)),
      }));
      const answer = await api.post<Answer>('/users/import', writePeople(sent), {
        headers: { 'Content-Type': 'text/csv' },
      });
      // The server counts the lines of what it was sent, the person those of the table.
      return { ...answer, errors: answer.errors.map((e) => ({ ...e, row: sent[e.line - 2] })) };
    },
    done: (answer) => {
      setResult(answer);
      setText('');
    },
  });
  const [result, setResult] = useState<Result>();
  return (
    <Card title={t('import.title')} hint={t('import.hint')}>
      <div className={css.form}>
        <Textarea
          aria-label={t('import.field')}
          placeholder={t('import.placeholder')}
          autosize
          minRows={4}
          maxRows={12}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
        />
        {rows.length > 0 && <Preview rows={rows} />}
        {result && <Outcome result={result} />}
        {send.problem && (
          <p className={css.problem} role="alert">
            {send.problem}
          </p>
        )}
        <div className={css.foot}>
          <Button disabled={good.length === 0} loading={send.busy} onClick={() => send.run()}>
            {t('import.start', { count: good.length })}
          </Button>
          <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => void file?.text().then(setText)}>
            {(props) => (
              <Button variant="default" leftSection={<IconFileUpload size={15} />} {...props}>
                {t('import.file')}
              </Button>
            )}
          </FileButton>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {t('kit.cancel')}
          </Button>
          {rows.length > good.length && (
            <span className={css.hint} style={{ margin: 0 }}>
              {t('import.skipped', { count: rows.length - good.length })}
            </span>
          )}
        </div>
      </div>
    </Card>
  );
}

function canonicalRole(name: string, roles: Role[], label: (role: Role) => string): string {
  const wanted = name.toLowerCase();
  const role = roles.find((r) => [r.name, label(r), r.key ?? ''].some((n) => n.toLowerCase() === wanted));
  return role?.key ?? role?.name ?? name;
}

/** How many came, their links to hand out, and which lines were refused and why. */
function Outcome({ result }: { result: Result }) {
  const { t } = useTranslation('settings');
  const links = (result.invites ?? []).flatMap(({ email, invite }) =>
    invite ? [`${email} ${invite.url}`] : [],
  );
  return (
    <div role="status">
      {t('import.created', { count: result.created })}
      {links.length > 0 && (
        <div style={{ marginTop: 8 }}>
          <CopyField value={links.join('\n')} label={t('import.links')} />
        </div>
      )}
      {result.errors.length > 0 && (
        <ul className={css.problem} style={{ paddingLeft: 18, marginTop: 6 }}>
          {result.errors.map((e) => (
            <li key={e.line}>
              {t('import.line')} {e.row?.line ?? e.line}
              {e.row ? `, ${e.row.email}` : ''}: {t([`errors:${e.code}`, 'errors:invalid'])}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Preview({ rows }: { rows: PersonRow[] }) {
  const { t } = useTranslation('settings');
  return (
    <Table.ScrollContainer minWidth={420} mah={260} tabIndex={0}>
      <Table fz={13} verticalSpacing={5} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={72}>{t('import.line')}</Table.Th>
            <Table.Th>{t('import.person')}</Table.Th>
            <Table.Th>{t('people.role')}</Table.Th>
            <Table.Th>{t('import.problem')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.line}>
              <Table.Td c="dimmed">{row.line}</Table.Td>
              <Table.Td>
                {row.name} <span style={{ color: 'var(--dim)' }}>{row.email}</span>
              </Table.Td>
              <Table.Td>{[row.role, ...row.teams].filter(Boolean).join(' · ')}</Table.Td>
              <Table.Td>
                {row.problems.length === 0 ? (
                  <Badge tone="ok">{t('import.ready')}</Badge>
                ) : (
                  <Badge tone="bad">{row.problems.map((p) => t(`import.bad.${p}`)).join(', ')}</Badge>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

import { SkeletonRows } from '@/ui';

export function ContactsPage() {
  return <SkeletonRows />;
}

import { SkeletonRows } from '@/ui';

export function ContactPage() {
  return <SkeletonRows />;
}

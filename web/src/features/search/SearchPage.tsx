import { SkeletonRows } from '@/ui';

export function SearchPage() {
  return <SkeletonRows />;
}

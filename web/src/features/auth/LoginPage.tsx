import { SkeletonRows } from '@/ui';

export function LoginPage() {
  return <SkeletonRows />;
}

import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './build/budget.ts';
import { firstScreen } from './build/first-screen.ts';

// OKNO_API=http://localhost:8080 sends the workspace's requests to a real server instead of the made-up one.
const api = process.env.OKNO_API;

export default defineConfig(async ({ command }) => ({
  plugins: [
    react(),
    firstScreen(),
    budget(),
    command === 'serve' && !api && !process.env.VITEST && (await import('./dev/plugin')).fakeServer(),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    proxy: api
      ? {
          '/api': {
            target: api,
            ws: true,
            changeOrigin: true,
            rewriteWsOrigin: true,
            headers: { origin: api },
          },
        }
      : undefined,
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    css: false,
  },
}));

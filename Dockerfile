# One image for the gateway, the worker and the migration: see docker-compose.yml.
# This Node runs TypeScript as it is, so there is nothing to build.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The loader for older versions of Node is left out, too.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY . .
USER node
EXPOSE 9999
CMD ["node", "gateway/main.ts"]

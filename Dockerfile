# docker build -t vhostguard:0.1.0 .
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY deploy/examples ./deploy/examples
# By number: Kubernetes cannot tell whether a name is root. Nothing is ever written, so that the root file system may be read-only.
USER 65532:65532
EXPOSE 9443 9080
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["--help"]

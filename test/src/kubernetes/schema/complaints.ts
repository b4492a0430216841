import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import type { Named } from '../manifest.js';
import { unread } from './unread.js';

interface Model {
  new (data: never): { validate(): void };
  readonly apiVersion: string;
  readonly kind: string;
}

/** Each with a validator that was generated from the OpenAPI description of Kubernetes 1.36, or of the Prometheus operator's resources. */
const models: readonly Model[] = [
  Deployment,
  PodDisruptionBudget,
  ConfigMap,
  Service,
  ServiceAccount,
  PodMonitor,
];

/** What the API server would say against an object: wrong types, missing fields, and fields that it does not know. */
export function complaintsAbout(manifest: Named): string[] {
  const Kind = models.find(
    ({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind,
  );
  if (Kind === undefined) return [`no schema for ${manifest.kind} of ${manifest.apiVersion}`];
  const complaints: string[] = [];
  const unknown = unread(new Kind(manifest as never), (watched) => {
    try {
      watched.validate();
    } catch (error) {
      complaints.push(...said(error));
    }
  });
  return [...complaints, ...unknown.map((path) => `${path}: unknown field`)];
}

function said(error: unknown): string[] {
  const { errors } = error as { errors?: { instancePath: string; keyword: string; params: object }[] };
  if (errors === undefined) throw error;
  return errors.map(
    ({ instancePath, keyword, params }) => `${instancePath}: ${keyword} ${JSON.stringify(params)}`,
  );
}

import { describeEvent, type Kubelet } from '@graceful/rehearsal/kubelet';

/** All that happened on a node, and all that its containers have said: for whoever has to find out why. */
export function storyOf(kubelet: Kubelet): string {
  const logs = kubelet.pods.flatMap((pod) => {
    const containers = pod.events.flatMap((event) => ('container' in event ? [event.container] : []));
    return [...new Set(containers)].map((name) => `--- ${pod.name}/${name}\n${pod.logs(name)}`);
  });
  return [...kubelet.events.map(describeEvent), ...logs].join('\n');
}

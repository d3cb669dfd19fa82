/** Where a sealed record belongs: it opens nowhere else. */
export const placeOf = {
  endpoint: (id: string): string => `endpoint|${id}`,
  call: (endpointId: string, callId: string): string => `call|${endpointId}|${callId}|content`,
  reply: (endpointId: string, callId: string): string => `call|${endpointId}|${callId}|reply`,
  rejection: (endpointId: string): string => `rejection|${endpointId}`,
}

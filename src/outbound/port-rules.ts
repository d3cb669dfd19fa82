// Ports above 1023 on the list of bad ports (Fetch, "port blocking"); those below are all refused but 80 and 443.
const badPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

export function isPortAllowed(port: number): boolean {
  return port === 80 || port === 443 || (port > 1023 && port <= 65_535 && !badPorts.has(port))
}

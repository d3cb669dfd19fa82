import { DocumentSession } from './document-session.ts'
import type { Answer, Question } from './protocol.ts'
import { resolveExchange } from './resolve.ts'

const session = new DocumentSession()

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  const document = data.text === undefined ? undefined : session.read(data.text)
  const answer: Answer = {
    id: data.id,
    ...(document === undefined ? {} : { document }),
    exchange: resolveExchange(session, data.exchange),
  }
  postMessage(answer)
})

// Stopping, draining and killing, told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'a stop ends when the last worker is gone, whatever its status': `
    with size=2
    2 stop r1              -> shutdownBegun requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g1:draining
    3 exited #2 ending=0   -> -                        | #1g1:draining
    4 drained #1           -> signal #1                | #1g1:draining
    5 exited #1 ending=139 -> shutdownDone requested, reply r1 done g1, exit status=0 | none
  `,
  'a stop during a reload answers all who wait and retires both generations': `
    2 reload r1          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2          -> -                        | #1g1:ready #2g2:starting
    4 scale workers=2 r3 -> spawn #3 slot=2 g2, spawn #4 slot=2 g1 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    5 stop r4            -> shutdownBegun requested, closeSockets, reply r1 cancelled requested g1, reply r3 cancelled requested g1, reply r2 refused stopping requested g1, retire #1, retire #2, retire #3, retire #4 | #1g1:draining #2g2:draining #3g2:draining #4g1:draining
    6 exited #2          -> -                        | #1g1:draining #3g2:draining #4g1:draining
    7 ready #3           -> -                        | #1g1:draining #3g2:draining #4g1:draining
    8 exited #3          -> -                        | #1g1:draining #4g1:draining
    9 exited #1          -> -                        | #4g1:draining
    10 exited #4         -> shutdownDone requested, reply r4 done g1, exit status=0 | none
  `,
  'a stop during the start retires the worker that starts': `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 reload r1  -> -                        | #1g1:starting
    2 stop r2    -> shutdownBegun requested, closeSockets, reply r1 refused stopping requested generation=null, retire #1 | #1g1:draining
    3 ready #1   -> -                        | #1g1:draining
    4 drained #1 -> signal #1                | #1g1:draining
    5 exited #1  -> shutdownDone requested, reply r2 done generation=null, exit status=0 | none
  `,
  'a stop before anything was spawned is done at once': `
    0 stop r1 -> shutdownBegun requested, shutdownDone requested, closeSockets, reply r1 done generation=null, exit status=0 | none
    1 clock   -> -                        | none
  `,
  'a second stop by signal kills at once': `
    2 reload    -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 stop      -> shutdownBegun requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g2:draining
    4 stop      -> kill #1, kill #2         | #1g1:killing #2g2:killing
    5 exited #1 -> -                        | #2g2:killing
    6 exited #2 -> shutdownDone requested, exit status=0 | none
  `,
  'a second stop by request waits for the same end, unless it says now': `
    2 stop r1          -> shutdownBegun requested, closeSockets, retire #1 | #1g1:draining
    3 stop r2          -> -                        | #1g1:draining
    4 stop now=true r3 -> kill #1                  | #1g1:killing
    5 stop now=true    -> -                        | #1g1:killing
    6 exited #1        -> shutdownDone requested, reply r1 done g1, reply r2 done g1, reply r3 done g1, exit status=0 | none
  `,
  'a first stop that says now kills at once': `
    2 reload           -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 stop now=true r1 -> shutdownBegun requested, closeSockets, kill #1, kill #2 | #1g1:killing #2g2:killing
    4 exited #1        -> -                        | #2g2:killing
    5 exited #2        -> shutdownDone requested, reply r1 done g1, exit status=0 | none
  `,
  // `ExecStop=` may ask and return; systemd then sends its one SIGTERM.
  'the first signal after a stop by request does not count as a second signal': `
    2 stop r1 -> shutdownBegun requested, closeSockets, retire #1 | #1g1:draining
    3 stop    -> -                        | #1g1:draining
    4 stop    -> kill #1                  | #1g1:killing
  `,
  'the first signal after a failed start does not count as a second signal': `
    with size=2
    0 clock     -> spawn #1 g1, spawn #2 slot=2 g1 | #1g1:starting #2g1:starting
    1 ready #1  -> -                        | #1g1:ready #2g1:starting
    2 exited #2 -> rolledBack g1 #2 starting exited, shutdownBegun firstStartFailed #2 starting exited, closeSockets, retire #1 | #1g1:draining
    3 stop      -> -                        | #1g1:draining
    4 stop      -> kill #1                  | #1g1:killing
  `,
  'nothing is begun after a stop, and whoever asks is told so': `
    2 stop               -> shutdownBegun requested, closeSockets, retire #1 | #1g1:draining
    3 reload r1          -> reply r1 refused stopping requested g1 | #1g1:draining
    4 scale workers=2 r2 -> reply r2 refused stopping requested g1 | #1g1:draining
    5 scaleBy delta=1    -> -                        | #1g1:draining
    6 exited #1          -> shutdownDone requested, exit status=0 | none
    7 reload r3          -> reply r3 refused stopped g1 | none
    8 scale workers=2 r4 -> reply r4 refused stopped g1 | none
    9 stop r5            -> reply r5 refused stopped g1 | none
    10 stop              -> -                        | none
    11 clock             -> -                        | none
    12 ready #1          -> -                        | none
    13 exited #1         -> -                        | none
  `,
  'a worker that does not drain gets the stop signal, and is then killed until it is gone': `
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    52 clock     -> -                        | #1g1:draining #2g2:ready
    53 clock     -> drainTimedOut #1 after=50, signal #1 | #1g1:draining #2g2:ready
    72 clock     -> -                        | #1g1:draining #2g2:ready
    73 clock     -> killTimedOut #1, kill #1 | #1g1:killing #2g2:ready
    82 clock     -> -                        | #1g1:killing #2g2:ready
    83 clock     -> kill #1                  | #1g1:killing #2g2:ready
    93 clock     -> kill #1                  | #1g1:killing #2g2:ready
    94 exited #1 -> -                        | #2g2:ready
  `,
  'a drained worker gets the stop signal once, and keeps what is left of its drain time': `
    2 reload      -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2    -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    10 drained #1 -> signal #1                | #1g1:draining #2g2:ready
    11 drained #1 -> -                        | #1g1:draining #2g2:ready
    53 clock      -> -                        | #1g1:draining #2g2:ready
    72 clock      -> -                        | #1g1:draining #2g2:ready
    73 clock      -> killTimedOut #1, kill #1 | #1g1:killing #2g2:ready
    74 drained #1 -> -                        | #1g1:killing #2g2:ready
    75 exited #1  -> -                        | #2g2:ready
  `,
  'a clock that comes late skips no step of the way out': `
    2 stop          -> shutdownBegun requested, closeSockets, retire #1 | #1g1:draining
    1000 clock      -> drainTimedOut #1 after=50, signal #1 | #1g1:draining
    1019 clock      -> -                        | #1g1:draining
    1020 clock      -> killTimedOut #1, kill #1 | #1g1:killing
    1021 drained #1 -> -                        | #1g1:killing
    2000 clock      -> kill #1                  | #1g1:killing
    2001 exited #1  -> shutdownDone requested, exit status=0 | none
  `,
  'a worker without drain time and kill time is killed at once': `
    with drainTimeout=0 killTimeout=0
    2 stop -> shutdownBegun requested, drainTimedOut #1 after=0, killTimedOut #1, closeSockets, retire #1, signal #1, kill #1 | #1g1:killing
  `,
  'the oldest of too many draining generations gets its stop signal early, and its kill timeout': `
    with maxDraining=2
    2 reload                    -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2                  -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    4 reload                    -> spawn #3 g3              | #1g1:draining #2g2:ready #3g3:starting
    5 ready #3                  -> rolledOut g3 durationMs=1, retire #2 | #1g1:draining #2g2:draining #3g3:ready
    6 reload                    -> spawn #4 g4              | #1g1:draining #2g2:draining #3g3:ready #4g4:starting
    7 ready #4                  -> rolledOut g4 durationMs=1, drainCutShort g1 limit=2, retire #3, signal #1 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready
    26 clock                    -> -                        | #1g1:draining #2g2:draining #3g3:draining #4g4:ready
    27 exited #1 ending=SIGKILL -> -                        | #2g2:draining #3g3:draining #4g4:ready
  `,
  'abandoned generations count among the draining ones': `
    with maxDraining=1
    2 filesChanged files=a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged files=a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    4 filesChanged files=a.js -> rolloutAbandoned g3, drainCutShort g2 limit=1, retire #3, signal #2, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
  `,
  'all generations may drain in a shutdown': `
    with maxDraining=1
    2 reload   -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2 -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    4 stop     -> shutdownBegun requested, closeSockets, retire #2 | #1g1:draining #2g2:draining
    53 clock   -> drainTimedOut #1 after=50, signal #1 | #1g1:draining #2g2:draining
  `,
});

package io.uloop.cookbook

import io.uloop.Timer
import io.uloop.Uloop
import io.uloop.net.TcpChannel
import io.uloop.net.TcpListener
import io.uloop.poller.UEvent
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.time.Duration
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Delay
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull

/** Runs coroutines on the thread of a loop, whose timers also serve `delay` and `withTimeout`. */
@OptIn(InternalCoroutinesApi::class)
class LoopDispatcher(private val loop: Uloop) : CoroutineDispatcher(), Delay {
    override fun isDispatchNeeded(context: CoroutineContext) = !loop.inLoop()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        try {
            loop.execute(block)
        } catch (e: RejectedExecutionException) { // the coroutine must end, wherever it runs
            context.cancel(CancellationException("the loop is closed", e))
            Dispatchers.IO.dispatch(context, block)
        }
    }

    override fun scheduleResumeAfterDelay(
        timeMillis: Long,
        continuation: CancellableContinuation<Unit>,
    ) {
        val timer = callLater(timeMillis) { continuation.resume(Unit) }
        continuation.invokeOnCancellation { timer.dispose() }
    }

    override fun invokeOnTimeout(timeMillis: Long, block: Runnable, context: CoroutineContext) =
        callLater(timeMillis) { block.run() }

    private fun callLater(timeMillis: Long, action: () -> Unit): DisposableHandle {
        var timer: Timer? = null // used on the loop's thread only
        loop.call { timer = loop.callLater(Duration.ofMillis(timeMillis)) { action() } }
        return DisposableHandle { loop.call { timer?.close() } }
    }
}

private fun Uloop.call(action: () -> Unit) = if (inLoop()) action() else execute(action)

/** Waits until the channel is ready. Call on the loop's thread. */
suspend fun TcpChannel.awaitReady(events: Int): Int = suspendCancellableCoroutine { waiting ->
    register(events) { _, ready ->
        unregister()
        waiting.resume(ready)
    }
    waiting.invokeOnCancellation { loop().call { unregister() } }
}

suspend fun echo(socket: TcpChannel) = socket.use {
    val buffer = ByteBuffer.allocate(4096)
    while (socket.read(buffer) >= 0) {
        buffer.flip()
        while (buffer.hasRemaining()) {
            if (socket.write(buffer) == 0) socket.awaitReady(UEvent.OUT)
        }
        buffer.clear()
        withTimeoutOrNull(60_000) { socket.awaitReady(UEvent.IN) } ?: break
    }
}

fun main() {
    Uloop.open().use { loop ->
        val scope = CoroutineScope(SupervisorJob() + LoopDispatcher(loop))
        val address = InetSocketAddress("localhost", Integer.getInteger("port", 7000))
        TcpListener.open(loop, address).use { listener ->
            listener.register { socket -> scope.launch { echo(socket) } }
            println("listening on ${listener.localAddress}")
            loop.run()
        }
    }
}

using RemoteIngress.Protocol.EndReasons;
using RemoteIngress.Transport.Mux;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Relay;

internal abstract partial class SocketPeer
{
    int IStreamPeer.Deliver(ReadOnlySpan<byte> payload)
    {
        if (IsReleased)
        {
            return 0;
        }

        var sent = 0;
        if (IsConnected && _out.IsEmpty && !TrySend(payload, out sent))
        {
            return 0;
        }

        if (sent < payload.Length)
        {
            _out.Append(payload[sent..], Loop.Usage);
        }

        return sent;
    }

    private void Drain()
    {
        var total = 0;
        while (!_out.IsEmpty)
        {
            var part = _out.First;
            if (!TrySend(part, out var sent))
            {
                return;
            }

            var isFull = sent < part.Length;
            _out.Remove(sent, Loop.Usage);
            total += sent;
            if (isFull)
            {
                break;
            }
        }

        GiveCredit(total);
        EndSendWhenDrained();
    }

    private void GiveCredit(int sent)
    {
        var own = Math.Min(_uncounted, sent);
        _uncounted -= own;
        if (sent > own)
        {
            Stream?.Consumed(sent - own);
        }
    }

    private bool TrySend(ReadOnlySpan<byte> bytes, out int sent)
    {
        sent = 0;
        while (sent < bytes.Length)
        {
            var status = Socket.Send(bytes[sent..], out var count);
            if (status == IoStatus.Failed)
            {
                Abort(StreamEndReason.PeerReset);
                return false;
            }

            if (status == IoStatus.WouldBlock)
            {
                break;
            }

            sent += count;
        }

        return true;
    }

    private void EndSendWhenDrained()
    {
        if (Has(Flags.FarEnded) && !Has(Flags.SendEnded) && _out.IsEmpty && IsConnected && !IsReleased)
        {
            Set(Flags.SendEnded, true);
            Socket.ShutdownSend();
            ReleaseWhenDone();
        }
    }
}

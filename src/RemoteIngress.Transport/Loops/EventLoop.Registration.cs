using RemoteIngress.Transport.Native;
using RemoteIngress.Transport.Sockets;

namespace RemoteIngress.Transport.Loops;

internal sealed partial class EventLoop
{
    private Slot[] _slots = new Slot[256];
    private int _free = -1;
    private int _used;

    /// <summary>Descriptors registered now; any thread may read it.</summary>
    internal int Registered { get; private set; }

    /// <summary>
    /// Watches <paramref name="descriptor"/> edge-triggered for reading, writing and hang-up. The ticket carries a generation, so that an
    /// event which is already in this turn's batch never reaches whoever got the slot next. 0 when the system watches no more (ENOSPC,
    /// ENOMEM): one connection too many must not end the loop with all the others.
    /// <para>Should the loop die, it closes the descriptor, unless <paramref name="isKept"/>: then it outlives the loop, for the next one.</para>
    /// </summary>
    internal long Register(int descriptor, IPollable target, bool isKept = false)
    {
        var index = TakeSlot();
        ref var slot = ref _slots[index];
        var ticket = ((long)slot.Generation << 32) | (uint)index;
        if (!TryWatch(descriptor, (ulong)ticket, Linux.EpollIn | Linux.EpollOut | Linux.EpollReadHangUp | Linux.EpollEdge))
        {
            slot.Next = _free;
            _free = index;
            return 0;
        }

        slot.Target = target;
        slot.Descriptor = isKept ? -1 : descriptor;
        Registered++;
        return ticket;
    }

    /// <summary>Forgets a registration. Call it before closing the descriptor (closing removes it from epoll).</summary>
    internal void Unregister(long ticket)
    {
        var index = (int)(uint)ticket;
        ref var slot = ref _slots[index];
        if (slot.Target is null || slot.Generation != (int)(ticket >> 32))
        {
            return;
        }

        slot.Target = null;
        slot.Generation = (slot.Generation + 1) & int.MaxValue;
        slot.Next = _free;
        _free = index;
        Registered--;
    }

    /// <summary>Forgets a registration whose descriptor lives on elsewhere.</summary>
    internal void HandOver(long ticket, int descriptor)
    {
        using var none = new EpollEvents(1);
        unsafe
        {
            _ = Libc.EpollControl(_epoll, Linux.EpollDelete, descriptor, none.Pointer);
        }

        Unregister(ticket);
    }

    // By the number alone: what the owners think of their sockets may be what is broken. RST, so that nobody takes it for the end of the data.
    private void CloseAll()
    {
        foreach (ref var slot in _slots.AsSpan(0, _used))
        {
            if (slot.Target is not null)
            {
                slot.Target = null;
                if (slot.Descriptor >= 0)
                {
                    TcpSocket.Adopt(slot.Descriptor).CloseWithReset();
                }
            }
        }

        Registered = 0;
    }

    private void Dispatch(ulong tag, uint flags)
    {
        if (tag == WakeUpTag)
        {
            DrainWakeUp();
            return;
        }

        ref var slot = ref _slots[(int)(uint)tag];
        if (slot.Generation == (int)(tag >> 32))
        {
            slot.Target?.OnEvents(flags);
        }
    }

    private unsafe void DrainWakeUp()
    {
        ulong count;
        _ = Libc.Read(_wakeUp, (byte*)&count, sizeof(ulong));
    }

    private int TakeSlot()
    {
        if (_free >= 0)
        {
            var index = _free;
            _free = _slots[index].Next;
            return index;
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _used * 2);
        }

        // Not 0: a ticket nobody ever got must not name anybody's slot.
        _slots[_used].Generation = 1;
        return _used++;
    }

    private unsafe bool TryWatch(int descriptor, ulong tag, uint flags)
    {
        using var single = new EpollEvents(1);
        single.Set(0, flags, tag);
        return Libc.EpollControl(_epoll, Linux.EpollAdd, descriptor, single.Pointer) == 0;
    }

    private struct Slot
    {
        internal IPollable? Target;
        internal int Descriptor;
        internal int Generation;
        internal int Next;
    }
}

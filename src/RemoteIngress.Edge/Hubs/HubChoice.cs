using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RemoteIngress.Protocol.Tokens;

namespace RemoteIngress.Edge.Hubs;

/// <summary>Which of the known hubs get a tunnel. Pure.</summary>
internal static class HubChoice
{
    /// <summary>
    /// Those this edge was given first, then those that hubs name, until there are <paramref name="max"/>. Where there are more than that, every
    /// edge chooses others, so that no hub is everybody's; a hub that comes or goes changes one choice at most. A second name of a hub costs no
    /// tunnel and is not counted.
    /// </summary>
    /// <param name="given">What the edge was started with; all of them are chosen.</param>
    /// <param name="named">What hubs named, or the file remembers.</param>
    /// <param name="ids">Who answered where, as far as known.</param>
    /// <param name="max">How many hubs.</param>
    /// <param name="edgeId">Whose choice it is.</param>
    internal static IReadOnlyList<HubAddress> Choose(
        IReadOnlyList<HubAddress> given, IReadOnlyList<HubAddress> named, IReadOnlyDictionary<HubAddress, string> ids, int max, string edgeId)
    {
        var chosen = new List<HubAddress>();
        var hubs = new HashSet<string>(StringComparer.Ordinal);
        var count = 0;
        foreach (var address in given.Concat(named.Except(given).OrderBy(address => Weight(edgeId, address))))
        {
            var isAnotherName = ids.TryGetValue(address, out var id) && hubs.Contains(id);
            if (!isAnotherName)
            {
                if (count >= max && !given.Contains(address))
                {
                    continue;
                }

                count++;
                if (id is not null)
                {
                    hubs.Add(id);
                }
            }

            chosen.Add(address);
        }

        return chosen;
    }

    private static ulong Weight(string edgeId, HubAddress address) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{edgeId}\n{address}")));
}

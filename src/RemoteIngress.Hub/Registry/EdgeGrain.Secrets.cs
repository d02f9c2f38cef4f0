using System.Collections.Immutable;
using System.Security.Cryptography;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry;

/// <content>Which secret an edge has, and how that is found without a PBKDF2 each time.</content>
internal sealed partial class EdgeGrain
{
    public Task<bool?> VerifySecretAsync(string secret) =>
        Task.FromResult<bool?>(_record is null ? null : HasSecret(secret));

    // only the newest: a list that still names the secret before a rotation asks to go back to it
    private bool HasSecret(string secret)
    {
        var tag = EdgeSecrets.Tag(secret);
        if (_secretTag is not null && CryptographicOperations.FixedTimeEquals(tag, _secretTag))
        {
            return true;
        }

        if (_record is not { Verifiers.Length: > 0 } || !EdgeSecrets.Matches(_record.Verifiers[0], secret))
        {
            return false;
        }

        _secretTag = tag;
        return true;
    }

    private ImmutableArray<EdgeVerifier> StillValid(ImmutableArray<EdgeVerifier> verifiers)
    {
        var now = time.GetUtcNow();
        return verifiers.RemoveAll(verifier => !verifier.IsValidAt(now));
    }

    private void KeepTagFor(EdgeIntent intent)
    {
        if (_planned is { } planned && SameKeys(planned.Verifier, intent.Verifiers[0]))
        {
            _secretTag = planned.Tag;
        }
        else if (_record is null || !SameKeys(_record.Verifiers[0], intent.Verifiers[0]))
        {
            _secretTag = null;
        }
    }

    private static bool SameKeys(EdgeVerifier x, EdgeVerifier y) =>
        x.Salt.AsSpan().SequenceEqual(y.Salt.AsSpan()) && x.StoredKey.AsSpan().SequenceEqual(y.StoredKey.AsSpan());
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RemoteIngress.Protocol.Scram;

/// <summary>
/// PBKDF2-HMAC-SHA256 (RFC 8018) with an output of 32 bytes, which is what SCRAM needs. The framework's goes through OpenSSL's general interface, which copies and
/// initializes a context for each of the 8192 hashes: 2.7 ms where the hashing itself takes 0.4. Where OpenSSL's own compression function can be reached, only that is called.
/// </summary>
public static class Pbkdf2Sha256
{
    private const int HashSize = SHA256.HashSizeInBytes;
    private const int BlockSize = 64;
    private const int StateWords = 28;
    private static readonly bool IsDirect = CanTransform();

    private static ReadOnlySpan<uint> InitialState =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>The derived key, 32 bytes.</summary>
    /// <param name="password">Of any length; the caller clears it.</param>
    /// <param name="salt">Of any length.</param>
    /// <param name="iterations">At least 1.</param>
    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        return IsDirect ? Direct(password, salt, iterations) : Framework(password, salt, iterations);
    }

    internal static byte[] Framework(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashSize);

    private static byte[] Direct(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        // U1 by the framework: it has the salt in it, of whatever length
        Span<byte> u = stackalloc byte[HashSize];
        byte[] first = [.. salt, 0, 0, 0, 1];
        HMACSHA256.HashData(password, first, u);
        var (inner, outer) = (Keyed(password, 0x36), Keyed(password, 0x5c));
        var sum = u.ToArray();

        // every later U is the HMAC of 32 bytes: one block behind each of the two keyed states
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        block[HashSize] = 0x80;
        BinaryPrimitives.WriteInt32BigEndian(block[^4..], (BlockSize + HashSize) * 8);
        u.CopyTo(block);
        for (var i = 1; i < iterations; i++)
        {
            Next(inner, block);
            Next(outer, block);
            for (var j = 0; j < HashSize; j++)
            {
                sum[j] ^= block[j];
            }
        }

        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(u);
        return sum;
    }

    // the state after the block of the padded key
    private static State Keyed(ReadOnlySpan<byte> password, byte pad)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        if (password.Length > BlockSize)
        {
            SHA256.HashData(password, block);
        }
        else
        {
            password.CopyTo(block);
        }

        foreach (ref var b in block)
        {
            b ^= pad;
        }

        State state = default;
        InitialState.CopyTo(state.Words);
        Transform(ref state.Words[0], ref MemoryMarshal.GetReference(block));
        CryptographicOperations.ZeroMemory(block);
        return state;
    }

    // the hash of the block goes into its first half
    private static void Next(State state, Span<byte> block)
    {
        Transform(ref state.Words[0], ref MemoryMarshal.GetReference(block));
        for (var i = 0; i < HashSize / sizeof(uint); i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(block[(i * sizeof(uint))..], state.Words[i]);
        }
    }

    // Whether it is there, and does what it should: "abc" of FIPS 180.
    private static bool CanTransform()
    {
        try
        {
            Span<byte> block = stackalloc byte[BlockSize];
            block.Clear();
            "abc"u8.CopyTo(block);
            block[3] = 0x80;
            block[^1] = 24;
            State state = default;
            InitialState.CopyTo(state.Words);
            Next(state, block);
            return block[..HashSize].SequenceEqual(SHA256.HashData("abc"u8));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    // shorter than what the transition between managed and native code costs
    [SuppressGCTransition]
    [DllImport("libcrypto.so.3", EntryPoint = "SHA256_Transform")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Transform(ref uint state, ref byte block);

    /// <summary>OpenSSL's SHA256_CTX: eight words of state, and what the function does not look at.</summary>
    [InlineArray(StateWords)]
    private struct State
    {
        private uint _word;

        [UnscopedRef]
        internal Span<uint> Words => MemoryMarshal.CreateSpan(ref _word, 8);
    }
}

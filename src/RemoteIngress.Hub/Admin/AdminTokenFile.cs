using System.Security.Cryptography;

namespace RemoteIngress.Hub.Admin;

/// <summary>The token of the HTTP API where none was configured: made once and kept in the data directory, for its owner only.</summary>
internal static class AdminTokenFile
{
    public const string FileName = "admin-token";

    /// <summary>Throws <see cref="HubStartException"/> when the file can neither be read nor made.</summary>
    public static string LoadOrCreate(string dataDir)
    {
        var path = Path.Combine(dataDir, FileName);
        try
        {
            Directory.CreateDirectory(dataDir);
            if (!File.Exists(path))
            {
                Create(path);
            }

            var token = File.ReadAllText(path).Trim();
            return token.Length >= HubOptionsValidator.MinAdminTokenLength
                ? token
                : throw new HubStartException($"--data-dir: {path} holds no token of at least {HubOptionsValidator.MinAdminTokenLength} characters; delete it to get a new one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubStartException(
                $"--data-dir: cannot read or make {path} ({e.Message}); free space there, give a directory that this user may write, or give --admin-token", e);
        }
    }

    private static void Create(string path)
    {
        // A full disk takes the file and not what is in it: an empty one must not stay.
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var writer = new StreamWriter(temporary, options))
            {
                writer.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            }

            File.Move(temporary, path);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }
}

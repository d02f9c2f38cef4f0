using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RemoteIngress.Hub.Admin;

/// <summary>
/// Who may use the API. With a token: whoever has it. Without one (loopback only): every program on this machine, but no web page
/// that a browser on it shows.
/// </summary>
internal sealed class AdminAccess(string? token)
{
    private const string Scheme = "Bearer ";

    // hashes have one length: comparing them says nothing about the token's
    private readonly byte[]? _tokenHash = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Lets the request pass, or answers it.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/api"))
        {
            context.Response.Headers.CacheControl = "no-store";
            if (Refuse(context) is { } problem)
            {
                await problem.ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    private IResult? Refuse(HttpContext context)
    {
        if (_tokenHash is null)
        {
            return IsFromBrowser(context.Request)
                ? Problems.Create(
                    StatusCodes.Status403Forbidden,
                    "without a token the API answers local programs only: call it by a loopback address and without an Origin header, or start the hub with --admin-token")
                : null;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _tokenHash))
        {
            return null;
        }

        context.Response.Headers.WWWAuthenticate = header.Length == 0
            ? "Bearer realm=\"remoteingress\""
            : "Bearer realm=\"remoteingress\", error=\"invalid_token\"";
        return Problems.Create(
            StatusCodes.Status401Unauthorized,
            header.Length == 0 ? "give the token of this hub: Authorization: Bearer TOKEN" : "this is not the token of this hub");
    }

    // A page can make a browser call loopback, by address (it then sends Origin) or by a name of its own that resolves to loopback
    // (it then sends that name).
    private static bool IsFromBrowser(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        var local = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        return !local || request.Headers.ContainsKey("Origin") || request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
    }
}

using System.Text.Json;

namespace RemoteIngress.Hub.Tests.Admin;

/// <summary>What the API answered.</summary>
internal sealed record ApiAnswer(int Status, string? ContentType, string Body, string Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? this[string field] => Json.GetProperty(field).ToString();

    /// <summary>The paths of all validation errors.</summary>
    public IReadOnlyList<string> ErrorPaths => [.. Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!)];

    public IReadOnlyList<string> Ids(string field) => [.. Json.GetProperty(field).EnumerateArray().Select(id => id.GetString()!)];

    /// <summary>Asserts a problem of this status, as RFC 9457 has it, that shows nothing of the inside.</summary>
    public ApiAnswer IsProblem(int status)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(this["title"]));
        Assert.False(string.IsNullOrWhiteSpace(this["detail"]));
        Assert.DoesNotContain("   at ", Body);
        Assert.DoesNotContain("Exception", Body);
        return this;
    }
}

using System.Net;

namespace RemoteIngress.Cli.Tests;

public sealed class ManagementCommandTests
{
    private const string Edges = """
        [{"id":"fra","generation":7,"settings":{"listenPorts":[80,443],"listenPortsUdp":[]},
          "observed":[{"hubId":"hub-1","acknowledgement":{"generation":6,"ports":[{"port":443,"protocol":"tcp","bound":false,"error":"in use"}]}}]}]
        """;

    [Fact]
    public async Task List_Edges_AreATableWithDesiredObservedAndProblems()
    {
        var run = new CliRun { Api = { Answer = Edges } };

        Assert.Equal(0, await run.RunAsync("edges", "list", "--admin-url", "http://10.0.0.1:99", "--admin-token", "tok"));

        Assert.Equal(("GET http://10.0.0.1:99/api/v1/edges", "Bearer tok", ""), Assert.Single(run.Api.Requests));
        Assert.Equal(
            ["ID   TCP     UDP  GENERATION  ACKNOWLEDGED  HUBS   PROBLEMS", "fra  80,443  -    7           6             hub-1  443/tcp: in use"],
            run.OutLines);
    }

    [Fact]
    public async Task List_Json_IsTheAnswerAsItCame()
    {
        var run = new CliRun { Api = { Answer = Edges } };

        Assert.Equal(0, await run.RunAsync("edges", "list", "--json"));

        Assert.Equal(Edges + "\n", run.Out);
    }

    [Fact]
    public async Task List_HostileText_LosesItsControlCharacters()
    {
        var run = new CliRun { Api = { Answer = """[{"id":"\u001b[2Jx","generation":1}]""" } };

        Assert.Equal(0, await run.RunAsync("edges", "list"));

        Assert.DoesNotContain('\e', run.Out);
    }

    [Fact]
    public async Task Set_FromTheInput_PutsTheListAndPrintsWhatChanged()
    {
        var run = new CliRun { Input = "[]", Api = { Answer = """{"created":["a","b"],"updated":[],"removed":["c"],"unchanged":[]}""" } };

        Assert.Equal(0, await run.RunAsync("edges", "set", "-"));

        Assert.Equal(("PUT http://127.0.0.1:9080/api/v1/edges", null, "[]"), Assert.Single(run.Api.Requests));
        Assert.Equal(["created    2  a, b", "updated    0", "removed    1  c", "unchanged  0"], run.OutLines);
    }

    [Fact]
    public async Task Apply_List_PutsEachEdgeByItself()
    {
        var run = new CliRun { Input = """[{"id":"a"},{"id":"b c"}]""" };

        Assert.Equal(0, await run.RunAsync("edges", "apply", "-"));

        Assert.Equal(
            ["PUT http://127.0.0.1:9080/api/v1/edges/a", "PUT http://127.0.0.1:9080/api/v1/edges/b%20c"],
            run.Api.Requests.Select(request => request.Request));
    }

    [Fact]
    public async Task EdgesApply_ThatStopsHalfway_NamesTheEdgeAndWhatWasDone()
    {
        var run = new CliRun
        {
            Input = """[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}]""",
            Api = { Successes = 2, Status = HttpStatusCode.BadRequest, Answer = """{"errors":[{"path":"listenPorts[0]","message":"0 is not a port; give 1 to 65535"}]}""" },
        };

        Assert.Equal(1, await run.RunAsync("edges", "apply", "-"));

        Assert.Equal(["applied a", "applied b"], run.OutLines);
        Assert.Equal(
            ["error: edge c: listenPorts[0]: 0 is not a port; give 1 to 65535", "error: edges apply: 2 of 4 edges were applied, the last was b; cure that and apply the file again"],
            run.ErrorLines);
        Assert.Equal(3, run.Api.Requests.Count);
    }

    [Fact]
    public async Task Status_PrintsOnlyWhatWasCounted()
    {
        var run = new CliRun
        {
            Api =
            {
                Answer = """
                    {"running":true,"hubId":"h","tunnelPort":1,"connectedEdges":[],"registry":{"mode":"memory","healthy":true},"refusals":{"busy":2,"tls_failed":1},
                    "tunnelsEnded":{},"streamsEnded":{"completed":0},"limits":{"maxTunnels":2},"descriptors":{"limit":1024,"reserved":256,"open":90}}
                    """,
            },
        };

        Assert.Equal(0, await run.RunAsync("status"));

        Assert.EndsWith("descriptors: 90 of 1024", run.OutLines[0]);
        Assert.Equal(["tunnels refused: busy 2, tls_failed 1", "limits met: maxTunnels 2"], run.OutLines[1..]);
    }

    [Fact]
    public async Task Status_ShowsTheCluster()
    {
        var run = new CliRun
        {
            Api =
            {
                Answer = """
                    {"running":true,"hubId":"h","tunnelPort":1,"connectedEdges":[],"registry":{"mode":"redis","healthy":true},"cluster":{"registeredEdges":null,"unansweredHubs":["b"],
                    "hubs":[{"hubId":"a","state":"ready","advertise":"a:1"},{"hubId":"b","state":"draining"}],
                    "edges":[{"edgeId":"e","generation":8,"inSync":false,"heldBy":[{"hubId":"a","acknowledgedGeneration":7},{"hubId":"b","acknowledgedGeneration":8}]}]}}
                    """,
            },
        };

        Assert.Equal(0, await run.RunAsync("status"));

        Assert.Contains("cluster  hubs: 2  edges: 1 connected of -", run.OutLines);
        Assert.Contains("no answer, their edges are missing below: b", run.OutLines);
        Assert.Equal(["e     8           no       a (7), b (8)"], run.OutLines[^1..]);
    }

    [Theory]
    [InlineData("hubs list", "GET http://127.0.0.1:9080/api/v1/hubs", "a    ready     a:1")]
    [InlineData("hubs drain a%b", "POST http://127.0.0.1:9080/api/v1/hubs/a%25b/drain", "draining a%b")]
    [InlineData("hubs list --json", "GET http://127.0.0.1:9080/api/v1/hubs", "\"hubId\":\"a\"")]
    public async Task Hubs_Command_IsItsRequest(string arguments, string request, string shown)
    {
        var run = new CliRun { Api = { Answer = """[{"hubId":"a","state":"ready","advertise":"a:1"},{"hubId":"b","state":"draining","advertise":null}]""" } };

        Assert.Equal(0, await run.RunAsync(arguments.Split(' ')));

        Assert.Equal(request, Assert.Single(run.Api.Requests).Request);
        Assert.Contains(shown, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public async Task HubsDrain_NoId_IsRefusedWithoutARequest(string id)
    {
        var run = new CliRun();

        Assert.Equal(2, await run.RunAsync("hubs", "drain", id));

        Assert.Empty(run.Api.Requests);
    }

    [Theory]
    [InlineData("remove", "DELETE http://127.0.0.1:9080/api/v1/edges/a")]
    [InlineData("get", "GET http://127.0.0.1:9080/api/v1/edges/a")]
    public async Task OneEdge_Command_IsItsRequest(string command, string expected)
    {
        var run = new CliRun();

        Assert.Equal(0, await run.RunAsync("edges", command, "a"));

        Assert.Equal(expected, Assert.Single(run.Api.Requests).Request);
    }

    [Theory]
    [InlineData("edges rotate-secret a", "rotate-secret", "{}")]
    [InlineData("edges rotate-secret a --overlap 5m", "rotate-secret", """{"overlapSeconds":300}""")]
    [InlineData("edges token a --hub h:1", "token", """{"rotate":true,"hubs":["h:1"]}""")]
    [InlineData("edges token a --secret s", "token", """{"secret":"s"}""")]
    public async Task SecretCommand_PrintsWhatTheHubAnswersOnce(string arguments, string path, string body)
    {
        var run = new CliRun { Api = { Answer = """{"secret":"the-secret","token":"the-token"}""" } };

        Assert.Equal(0, await run.RunAsync(arguments.Split(' ')));

        Assert.Equal(("POST http://127.0.0.1:9080/api/v1/edges/a/" + path, null, body), Assert.Single(run.Api.Requests));
        Assert.Equal([path == "token" ? "the-token" : "the-secret"], run.OutLines);
    }

    [Fact]
    public async Task Problem_WithErrors_IsOneLineEach()
    {
        var run = new CliRun
        {
            Input = "[]",
            Api =
            {
                Status = HttpStatusCode.BadRequest,
                Answer = """{"title":"invalid","errors":[{"path":"[0].id","message":"missing; give one"},{"path":"","message":"two\nlines"}]}""",
            },
        };

        Assert.Equal(1, await run.RunAsync("edges", "set", "-"));

        Assert.Equal(["error: [0].id: missing; give one", "error: two lines"], run.ErrorLines);
    }

    [Theory]
    [InlineData("""{"title":"Not found","detail":"no edge 'a'"}""", "error: Not found: no edge 'a'")]
    [InlineData("<html>", "error: --admin-url: what answers there is not the API of a hub (HTTP status 404); give the address that the hub printed at its start")]
    public async Task Problem_WithoutErrors_IsTitleAndDetail(string answer, string expected)
    {
        var run = new CliRun { Api = { Status = HttpStatusCode.NotFound, Answer = answer } };

        Assert.Equal(1, await run.RunAsync("edges", "get", "a"));

        Assert.Equal([expected], run.ErrorLines);
    }

    [Fact]
    public async Task Unauthorized_NamesTheToken()
    {
        var run = new CliRun { Api = { Status = HttpStatusCode.Unauthorized } };

        Assert.Equal(1, await run.RunAsync("status"));

        Assert.StartsWith("error: --admin-token: the hub asks for a token", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task NoHub_IsOneLineWithTheCure()
    {
        var run = new CliRun { Api = { Failure = new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused") } };

        Assert.Equal(1, await run.RunAsync("status"));

        Assert.StartsWith("error: --admin-url: no hub answers at http://127.0.0.1:9080/", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task UnexpectedFailure_IsOneLineWithoutAStackTrace()
    {
        var run = new CliRun { Api = { Failure = new InvalidOperationException("boom") } };

        Assert.Equal(1, await run.RunAsync("status"));

        Assert.Equal(["error: boom"], run.ErrorLines);
    }

    [Fact]
    public async Task Status_ConnectedEdges_AreATable()
    {
        var run = new CliRun
        {
            Api =
            {
                Answer = """
                    {"running":true,"hubId":"hub-1","tunnelPort":8443,"registry":{"mode":"memory","healthy":true},
                     "connectedEdges":[{"edgeId":"fra","instanceId":"i1","remoteAddress":"192.0.2.1:5","transport":"tcpTls","activeStreams":3,"rttMs":1.234}]}
                    """,
            },
        };

        Assert.Equal(0, await run.RunAsync("status"));

        Assert.Contains("hub hub-1  running: yes  tunnel port: 8443", run.OutLines[0]);
        Assert.Equal(["fra", "i1", "192.0.2.1:5", "tcpTls", "-", "3", "-", "1.23", "-", "-"], run.OutLines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}

using System.Net.Sockets;
using System.Text;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Http;

/// <summary>Clients that hold on to connections are cut off. The web server's own clock is the system's, so these tests take a few seconds.</summary>
public sealed class SlowClientTests
{
    private const string Head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{";

    [Theory]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: loc")]
    [InlineData(Head)]
    public async Task ClientThatStopsSending_IsCutOff(string start)
    {
        await using var server = await TestServer.StartAsync(null, Strict);
        using var connection = await ConnectAsync(server);
        await connection.SendAsync(Encoding.ASCII.GetBytes(start));
        await Wait.AtMost(ReadToEndAsync(connection));
    }

    [Fact]
    public async Task ClientThatSendsAByteAtATime_IsCutOff()
    {
        await using var server = await TestServer.StartAsync(null, Strict);
        using var connection = await ConnectAsync(server);
        await connection.SendAsync(Encoding.ASCII.GetBytes(Head));
        var end = ReadToEndAsync(connection);
        var sent = 1;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!end.IsCompleted && sent < 1000 && await pace.WaitForNextTickAsync())
        {
            try
            {
                sent += await connection.SendAsync("x"u8.ToArray());
            }
            catch (SocketException)
            {
                break;
            }
        }

        await Wait.AtMost(end);
        Assert.InRange(sent, 2, 999);
    }

    [Fact]
    public async Task ClientThatDoesNotReadItsStream_IsCutOff_AndItsRequestCancelled()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(new() { Scheduler = new() { KvBlocks = 8192, ContextTokens = 20_000 } }, options =>
        {
            Strict(options);
            options.Serving.Http.Limits.ReaderStallSeconds = 1;
        });
        server.Engine.Scheduler.Cancelled = _ => cancelled.TrySetResult();
        using var connection = await ConnectAsync(server);
        const string Body =
            """{"model":"fake/model-1","messages":[{"role":"user","content":"x"}],"n":16,"max_tokens":6000,"logprobs":true,"top_logprobs":20,"stream":true}""";
        await connection.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
        await Wait.AtMost(cancelled.Task);
    }

    private static void Strict(ServerOptions options)
    {
        options.Serving.Http.Limits.RequestHeadersSeconds = 1;
        options.Serving.Http.Limits.DataRateGraceSeconds = 1.1;
    }

    private static async Task<Socket> ConnectAsync(TestServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, NoDelay = true };
        await socket.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port);
        return socket;
    }

    private static async Task ReadToEndAsync(Socket connection)
    {
        var buffer = new byte[4096];
        try
        {
            while (await connection.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.Security;

namespace Rubato.Hosting.Http;

/// <summary>What every request goes through: the gate before, and errors in OpenAI's shape after.</summary>
internal sealed class ServingPipeline(RequestGate gate, ILogger<ServingPipeline> log)
{
    /// <summary>Runs <paramref name="next"/> for a request that the gate lets in; a request passes the gate once.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<GatePass>() is not null)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        try
        {
            await EnterAsync(context, next).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client has left or was cut off; nobody reads an answer.
            context.Abort();
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error).ConfigureAwait(false);
        }
    }

    private async Task EnterAsync(HttpContext context, RequestDelegate next)
    {
        if (gate.Judge(context, out var pass) is { } refusal)
        {
            throw new OpenAiException(refusal);
        }

        context.Features.Set(pass);
        if (CrossOrigin.Apply(context, gate))
        {
            return;
        }

        await next(context).ConfigureAwait(false);
        var response = context.Response;
        if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
        {
            await ErrorResponse.WriteAsync(context, OpenAiError.ForStatus(response.StatusCode, context.Request.Method, context.Request.Path))
                .ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        var answer = error switch
        {
            OpenAiException refusal => refusal.Error,
            BadHttpRequestException bad => OpenAiError.BadRequest(bad.Message) with { Status = bad.StatusCode },
            EngineFaultedException fault => OpenAiError.EngineFailed(fault.Message),
            GenerationFailedException failed => OpenAiError.ServerError(failed.Message),
            _ => OpenAiError.ServerError("The server failed; its log says more."),
        };
        Log(context.Request, answer, error);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await ErrorResponse.WriteAsync(context, answer).ConfigureAwait(false);
    }

    /// <summary>A refusal is the server at work and gets a line; a failure gets its stack trace; a client's mistake is the client's to see.</summary>
    private void Log(HttpRequest request, OpenAiError answer, Exception error)
    {
        switch (answer.Status)
        {
            case StatusCodes.Status429TooManyRequests:
                HttpLog.RequestRefused(log, LogLevel.Information, request.Method, request.Path, answer.Status, answer.Message);
                break;
            case StatusCodes.Status503ServiceUnavailable:
                HttpLog.RequestRefused(log, LogLevel.Warning, request.Method, request.Path, answer.Status, answer.Message);
                break;
            case >= 500:
                HttpLog.RequestFailed(log, request.Method, request.Path, error);
                break;
        }
    }
}

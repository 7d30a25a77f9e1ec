using Microsoft.AspNetCore.Http;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi;

/// <summary>An error as OpenAI's API writes it: <c>{"error":{"message","type","param","code"}}</c>.</summary>
internal sealed record OpenAiError(int Status, string Message, string Type, string? Param = null, string? Code = null)
{
    private const string InvalidRequest = "invalid_request_error";

    /// <summary>Seconds that the client should wait before it tries again.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static OpenAiError BadRequest(string message, string? param = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, message, InvalidRequest, param, code);

    public static OpenAiError Unsupported(string param, string what) =>
        BadRequest($"{what} This server does not support it; leave '{param}' out.", param, "unsupported_parameter");

    public static OpenAiError ContextLengthExceeded(string message, string param) => BadRequest(message, param, "context_length_exceeded");

    public static OpenAiError ModelNotFound(string model) => new(
        StatusCodes.Status404NotFound, $"The model '{model}' does not exist; GET /v1/models lists those that do.", InvalidRequest, "model", "model_not_found");

    public static OpenAiError NotStored() => new(
        StatusCodes.Status404NotFound, "This server stores no responses; send the whole conversation to POST /v1/responses.", InvalidRequest, null, "response_not_found");

    public static OpenAiError RouteNotFound(string method, string path) => new(
        StatusCodes.Status404NotFound, $"There is no {method} {path} here.", InvalidRequest, null, "unknown_url");

    public static OpenAiError MethodNotAllowed(string method, string path) => new(
        StatusCodes.Status405MethodNotAllowed, $"{path} does not take {method}.", InvalidRequest, null, "method_not_supported");

    public static OpenAiError BodyTooLarge(long bytesMax) => new(
        StatusCodes.Status413PayloadTooLarge, $"The request body is longer than {bytesMax} bytes.", InvalidRequest, null, "request_too_large");

    public static OpenAiError UnsupportedMediaType(string message) => new(
        StatusCodes.Status415UnsupportedMediaType, message, InvalidRequest, null, "unsupported_media_type");

    public static OpenAiError Unauthorized() => new(
        StatusCodes.Status401Unauthorized,
        "The API key is missing or wrong; send it as 'Authorization: Bearer KEY'.",
        InvalidRequest,
        null,
        "invalid_api_key");

    public static OpenAiError Forbidden(string message, string code) => new(StatusCodes.Status403Forbidden, message, InvalidRequest, null, code);

    public static OpenAiError TooManyRequests(int retryAfterSeconds) =>
        new(StatusCodes.Status429TooManyRequests, "The server is busy and its queue is full; try again later.", "rate_limit_error", null, "queue_full")
        {
            RetryAfterSeconds = retryAfterSeconds,
        };

    public static OpenAiError ShuttingDown() => new(
        StatusCodes.Status503ServiceUnavailable, "The server is shutting down.", "server_error", null, "shutting_down");

    public static OpenAiError NotNow(string message, string code, int? retryAfterSeconds) =>
        new(StatusCodes.Status503ServiceUnavailable, message, "server_error", "model", code) { RetryAfterSeconds = retryAfterSeconds };

    public static OpenAiError EngineFailed(string message) => new(
        StatusCodes.Status503ServiceUnavailable, message, "server_error", null, "engine_failed");

    public static OpenAiError ServerError(string message) => new(
        StatusCodes.Status500InternalServerError, message, "server_error", null, "internal_error");

    /// <summary>The error for a status that another part of the server has set.</summary>
    public static OpenAiError ForStatus(int status, string method, string path) => status switch
    {
        StatusCodes.Status404NotFound => RouteNotFound(method, path),
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed(method, path),
        >= 500 => new(status, "The server failed.", "server_error", null, "internal_error"),
        _ => new(status, $"The request was refused with status {status}.", InvalidRequest),
    };

    /// <summary>The error for a request to a model that is going away while the server stays.</summary>
    public static OpenAiError Unloading(string model, int retryAfterSeconds) =>
        NotNow($"The model '{model}' is being unloaded; try again.", "model_unloading", retryAfterSeconds);

    /// <summary>The error for a request that a model refused.</summary>
    /// <param name="outcome">Its answer.</param>
    /// <param name="directory">The server's models.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="retryAfterSeconds">When a client may ask again.</param>
    /// <param name="promptParam">The field that holds the prompt.</param>
    public static OpenAiError ForOutcome(AdmissionOutcome outcome, IModelDirectory directory, string model, int retryAfterSeconds, string promptParam) =>
        outcome == AdmissionOutcome.ShuttingDown && directory.State == Engine.EngineState.Running
            ? Unloading(model, retryAfterSeconds)
            : ForOutcome(outcome, retryAfterSeconds, promptParam);

    /// <summary>The error for a request that the scheduler refused.</summary>
    public static OpenAiError ForOutcome(AdmissionOutcome outcome, int retryAfterSeconds, string promptParam) => outcome switch
    {
        AdmissionOutcome.QueueFull => TooManyRequests(retryAfterSeconds),
        AdmissionOutcome.ShuttingDown => ShuttingDown(),
        AdmissionOutcome.EmptyPrompt => BadRequest("The prompt has no token.", promptParam, "invalid_value"),
        AdmissionOutcome.PromptTooLong => ContextLengthExceeded("The prompt and the tokens asked for exceed the context length.", promptParam),
        AdmissionOutcome.ExceedsMemory => ContextLengthExceeded("The prompt and the tokens asked for exceed the server's memory.", promptParam),
        _ => BadRequest($"The request was refused: {outcome}.", promptParam),
    };
}

/// <summary>Ends the handling of a request with an error for its client.</summary>
internal sealed class OpenAiException(OpenAiError error) : Exception(error.Message)
{
    public OpenAiError Error => error;
}

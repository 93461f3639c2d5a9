namespace OpsConsole.Core.Shared;

/// <summary>What kind of refusal a <see cref="Fault"/> is; decides the HTTP status in <c>Platform/Web</c> and nothing else.</summary>
public enum FaultKind
{
    /// <summary>The request itself is wrong (400).</summary>
    Invalid,
    /// <summary>Nobody is known behind the request (401).</summary>
    Unauthenticated,
    /// <summary>Known, but not allowed (403).</summary>
    Forbidden,
    /// <summary>No such thing, or not visible to the caller (404).</summary>
    NotFound,
    /// <summary>None of the forms the caller takes is one the console has (406).</summary>
    NotAcceptable,
    /// <summary>Somebody was faster, or the thing is in another state (409).</summary>
    Conflict,
    /// <summary>A stated precondition no longer holds (412).</summary>
    Stale,
    /// <summary>Larger than the console takes (413).</summary>
    TooLarge,
    /// <summary>In a form that is not read here (415).</summary>
    UnsupportedMedia,
    /// <summary>Well formed, but the rules refuse it (422).</summary>
    Refused,
    /// <summary>A precondition must be stated (428).</summary>
    PreconditionRequired,
    /// <summary>Too many, too fast (429).</summary>
    TooMany,
    /// <summary>Cannot be recorded at the moment, so it is not done (503).</summary>
    Unavailable,
}

/// <summary>An expected refusal. <paramref name="Code"/> is stable and part of the API; <paramref name="Message"/> is for people.</summary>
/// <param name="Field">The field of the request that is wrong, in wire spelling, where there is one.</param>
/// <param name="Detail">More to send along (the winning decision of a lost race, an analysis), or null.</param>
public sealed record Fault(FaultKind Kind, string Code, string Message, string? Field = null, object? Detail = null)
{
    public static Fault Invalid(string code, string message, string? field = null) => new(FaultKind.Invalid, code, message, field);
    public static Fault Forbidden(string message, string code = "forbidden") => new(FaultKind.Forbidden, code, message);
    public static Fault NotFound(string what) => new(FaultKind.NotFound, "not_found", $"There is no such {what}, or you may not see it.");
    public static Fault Conflict(string code, string message, object? detail = null) => new(FaultKind.Conflict, code, message, null, detail);
    public static Fault Refused(string code, string message, string? field = null, object? detail = null) => new(FaultKind.Refused, code, message, field, detail);
}

/// <summary>Either a value or the <see cref="Fault"/> that says why there is none.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;
    private Result(T? value, Fault? fault) { _value = value; Fault = fault; }

    public Fault? Fault { get; }
    public bool Ok => Fault is null;
    /// <summary>The value; reading it from a refusal is a bug and throws.</summary>
    public T Value => Fault is null ? _value! : throw new InvalidOperationException($"No value: {Fault.Code} {Fault.Message}");

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Fault fault) => new(default, fault);
    public Result<TNext> Then<TNext>(Func<T, Result<TNext>> next) => Fault is null ? next(_value!) : Fault;
}

/// <summary>The value of a <see cref="Result{T}"/> that has nothing to say but 'done'.</summary>
public readonly record struct Done
{
    public static readonly Done Value;
}

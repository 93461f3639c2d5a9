namespace OpsConsole.Core.Access;

/// <summary>A person's token for scripts: <c>opp_&lt;id&gt;_&lt;secret&gt;</c>. Only SHA-256 of the secret is kept (it has 256 bits of its own, so a slow hash adds nothing).</summary>
public sealed class PersonalToken
{
    private PersonalToken() { }
    public PersonalToken(string id, string personId, byte[] secretHash, IReadOnlyList<string> scopes, string? name, DateTimeOffset createdAt, DateTimeOffset? expiresAt)
    {
        (Id, PersonId, SecretHash, Scopes, Name, CreatedAt, ExpiresAt) = (id, personId, secretHash, scopes, name, createdAt, expiresAt);
    }

    public string Id { get; private set; } = "";
    public string PersonId { get; private set; } = "";
    public byte[] SecretHash { get; private set; } = [];
    public IReadOnlyList<string> Scopes { get; private set; } = [];
    public string? Name { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? LastUsedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    public bool Live(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
    public void Used(DateTimeOffset at) => LastUsedAt = at;
    public void Revoke(DateTimeOffset at) => RevokedAt ??= at;
}

/// <summary>A one-time link to join (or, with <see cref="Setup"/>, to create the first admin). Only the hash of its code is kept.</summary>
public sealed class Invitation
{
    private Invitation() { }
    public Invitation(string id, byte[] codeHash, string? personId, string? email, bool setup, DateTimeOffset createdAt, DateTimeOffset expiresAt)
    {
        (Id, CodeHash, PersonId, Email, Setup, CreatedAt, ExpiresAt) = (id, codeHash, personId, email, setup, createdAt, expiresAt);
    }

    public string Id { get; private set; } = "";
    public byte[] CodeHash { get; private set; } = [];
    public string? PersonId { get; private set; }
    public string? Email { get; private set; }
    public bool Setup { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? UsedAt { get; private set; }

    public bool Open(DateTimeOffset now) => UsedAt is null && now < ExpiresAt;
    public void Use(DateTimeOffset at) => UsedAt ??= at;
}

/// <summary>A named set of people, used as approvers (<c>group:leads</c>).</summary>
public sealed class PersonGroup
{
    private PersonGroup() { }
    public PersonGroup(string id, string name, IReadOnlyList<string> memberIds) => (Id, Name, MemberIds) = (id, name, memberIds);

    public string Id { get; private set; } = "";
    public string Name { get; private set; } = "";
    public IReadOnlyList<string> MemberIds { get; private set; } = [];
    public long Version { get; private set; }

    public void Set(IReadOnlyList<string> memberIds)
    {
        MemberIds = memberIds;
        Version++;
    }
}

using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace OpsConsole.Tests.Architecture;

/// <summary>A type that another one refers to. Nested types count as the outermost one around them.</summary>
/// <param name="Assembly">Empty for the assembly that is read.</param>
internal sealed record TypeTarget(string Assembly, string Namespace, string Name, bool IsPublic);

/// <summary>An outermost type with everything it, its nested types (compiler-generated ones too) and their method bodies refer to.</summary>
/// <param name="Members">Members used in bodies, as <c>Namespace.Type::Member</c>.</param>
internal sealed record TypeSource(string Namespace, string Name, IReadOnlySet<TypeTarget> Types, IReadOnlySet<string> Members);

/// <summary>Reads from an assembly's metadata and IL which type refers to which: signatures, attributes and bodies alike.</summary>
internal sealed class AssemblyReferences
{
    private static readonly OpCode[] OneByte = new OpCode[256], TwoBytes = new OpCode[256];

    private readonly PEReader _pe;
    private readonly MetadataReader _reader;
    private readonly Dictionary<TypeDefinitionHandle, (HashSet<TypeTarget> Types, HashSet<string> Members)> _found = [];
    private readonly Collector _collector;
    private HashSet<TypeTarget> _types = [];
    private HashSet<string> _members = [];

    static AssemblyReferences()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is not OpCode code) continue;
            if (code.Size == 1) OneByte[code.Value & 0xFF] = code; else TwoBytes[code.Value & 0xFF] = code;
        }
    }

    private AssemblyReferences(PEReader pe) => (_pe, _reader, _collector) = (pe, pe.GetMetadataReader(), new Collector(this));

    public static IReadOnlyList<TypeSource> Read(string path)
    {
        using var pe = new PEReader(File.OpenRead(path));
        return new AssemblyReferences(pe).Read();
    }

    private List<TypeSource> Read()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            var outer = Outermost(handle);
            if (!_found.TryGetValue(outer, out var sets)) _found[outer] = sets = ([], []);
            (_types, _members) = sets;
            ReadType(_reader.GetTypeDefinition(handle));
        }
        return [.. _found.Select(f =>
        {
            var type = _reader.GetTypeDefinition(f.Key);
            return new TypeSource(_reader.GetString(type.Namespace), _reader.GetString(type.Name), f.Value.Types, f.Value.Members);
        })];
    }

    private void ReadType(TypeDefinition type)
    {
        Touch(type.BaseType);
        foreach (var i in type.GetInterfaceImplementations()) Touch(_reader.GetInterfaceImplementation(i).Interface);
        foreach (var p in type.GetGenericParameters())
            foreach (var c in _reader.GetGenericParameter(p).GetConstraints()) Touch(_reader.GetGenericParameterConstraint(c).Type);
        Attributes(type.GetCustomAttributes());
        foreach (var handle in type.GetFields())
        {
            var field = _reader.GetFieldDefinition(handle);
            field.DecodeSignature(_collector, null);
            Attributes(field.GetCustomAttributes());
        }
        foreach (var handle in type.GetProperties()) Attributes(_reader.GetPropertyDefinition(handle).GetCustomAttributes());
        foreach (var handle in type.GetMethods())
        {
            var method = _reader.GetMethodDefinition(handle);
            method.DecodeSignature(_collector, null);
            Attributes(method.GetCustomAttributes());
            foreach (var p in method.GetGenericParameters())
                foreach (var c in _reader.GetGenericParameter(p).GetConstraints()) Touch(_reader.GetGenericParameterConstraint(c).Type);
            if (method.RelativeVirtualAddress != 0) ReadBody(_pe.GetMethodBody(method.RelativeVirtualAddress));
        }
    }

    private void Attributes(CustomAttributeHandleCollection attributes)
    {
        foreach (var handle in attributes) Touch(_reader.GetCustomAttribute(handle).Constructor);
    }

    private void ReadBody(MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil) _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_collector, null);
        foreach (var region in body.ExceptionRegions) Touch(region.CatchType);
        var il = body.GetILReader();
        while (il.RemainingBytes > 0)
        {
            var first = il.ReadByte();
            var code = first == 0xFE ? TwoBytes[il.ReadByte()] : OneByte[first];
            switch (code.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Touch(MetadataTokens.EntityHandle(il.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                case OperandType.InlineNone: break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar: il.Offset += 1; break;
                case OperandType.InlineVar: il.Offset += 2; break;
                case OperandType.InlineI8 or OperandType.InlineR: il.Offset += 8; break;
                default: il.Offset += 4; break;
            }
        }
    }

    private void Touch(EntityHandle handle)
    {
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition: Define((TypeDefinitionHandle)handle); break;
            case HandleKind.TypeReference: Refer((TypeReferenceHandle)handle); break;
            case HandleKind.TypeSpecification: _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_collector, null); break;
            case HandleKind.MethodSpecification:
                var spec = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                spec.DecodeSignature(_collector, null);
                Touch(spec.Method);
                break;
            case HandleKind.MemberReference:
                var member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                Touch(member.Parent);
                if (member.GetKind() == MemberReferenceKind.Method) member.DecodeMethodSignature(_collector, null); else member.DecodeFieldSignature(_collector, null);
                if (member.Parent.Kind == HandleKind.TypeReference) _members.Add(FullName((TypeReferenceHandle)member.Parent) + "::" + _reader.GetString(member.Name));
                break;
            case HandleKind.MethodDefinition: Define(_reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType()); break;
            case HandleKind.FieldDefinition: Define(_reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType()); break;
        }
    }

    private void Define(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(Outermost(handle));
        _types.Add(new TypeTarget("", _reader.GetString(type.Namespace), _reader.GetString(type.Name), (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public));
    }

    private void Refer(TypeReferenceHandle handle)
    {
        var type = _reader.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference) type = _reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        var assembly = type.ResolutionScope.Kind == HandleKind.AssemblyReference ? _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) : "";
        _types.Add(new TypeTarget(assembly, _reader.GetString(type.Namespace), _reader.GetString(type.Name), true));
    }

    private string FullName(TypeReferenceHandle handle)
    {
        var type = _reader.GetTypeReference(handle);
        return _reader.GetString(type.Namespace) + "." + _reader.GetString(type.Name);
    }

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        while (_reader.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } around) handle = around;
        return handle;
    }

    /// <summary>Walks signatures only to touch the types in them.</summary>
    private sealed class Collector(AssemblyReferences owner) : ISignatureTypeProvider<int, object?>
    {
        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) { owner.Define(handle); return 0; }
        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) { owner.Refer(handle); return 0; }
        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) { owner.Touch(handle); return 0; }
        public int GetSZArrayType(int elementType) => 0;
        public int GetArrayType(int elementType, ArrayShape shape) => 0;
        public int GetByReferenceType(int elementType) => 0;
        public int GetPointerType(int elementType) => 0;
        public int GetPinnedType(int elementType) => 0;
        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;
        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;
        public int GetGenericMethodParameter(object? genericContext, int index) => 0;
        public int GetGenericTypeParameter(object? genericContext, int index) => 0;
        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;
        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;
    }
}
